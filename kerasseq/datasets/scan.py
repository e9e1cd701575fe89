"""What a reader gives: the wanted columns as strings, the line of each row, and the rows that could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kerasseq.datasets.problems import RowProblem

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Scan"]


@dataclass(frozen=True)
class Scan:
    """Rows of one file before anybody has judged their values.

    Attributes:
        table: The wanted columns, each of strings; null where a row has no such value.
        lines: `int64`, the 1-based line where each row starts, or its number in a file without lines.
        problems: Rows that could not be read at all; they are not in `table`.
    """

    table: pa.Table
    lines: pa.Array[Any]
    problems: tuple[RowProblem, ...] = field(default=())

    @classmethod
    def from_rows(
        cls,
        wanted: Sequence[str],
        rows: Sequence[Sequence[str | None]],
        lines: Sequence[int],
        problems: Sequence[RowProblem] = (),
    ) -> Scan:
        """Build from Python rows, each with a value for every name in `wanted`."""
        import pyarrow as pa

        arrays = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(wanted))]
        schema = pa.schema([(name, pa.string()) for name in wanted])
        return cls(pa.Table.from_arrays(arrays, schema=schema), pa.array(lines, pa.int64()), tuple(problems))

    @classmethod
    def joined(cls, scans: Iterable[Scan]) -> Scan:
        """The rows of several scans, one or more, of the same columns."""
        import pyarrow as pa

        parts = list(scans)
        if len(parts) == 1:
            return parts[0]
        problems = tuple(problem for part in parts for problem in part.problems)
        return cls(pa.concat_tables([p.table for p in parts]), pa.concat_arrays([p.lines for p in parts]), problems)
