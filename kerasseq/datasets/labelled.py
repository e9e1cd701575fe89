"""Lines of a class digit, a space and a text, as in the sets that Kim (2014) prepared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.datasets.content import read_bytes, to_utf8
from kerasseq.datasets.problems import RowProblem, render, shown
from kerasseq.datasets.roles import Roles
from kerasseq.datasets.scan import Scan
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_labelled"]


def read_labelled(
    paths: Mapping[str, Path], classes: Sequence[str], encoding: str, metadata: Mapping[str, str]
) -> pa.Table:
    """Read files of `digit text` lines into standard columns; the digit becomes its class.

    Raises:
        DataError: A line is not of this kind.
    """
    import pyarrow as pa

    tables = []
    for side, path in paths.items():
        source = shown(path)
        text = to_utf8(read_bytes(path), encoding, source, lambda before: "text").decode()
        scan = _scan(text, classes)
        table, problems = Roles(("text",), "target", split="split").standardise(_with_side(scan, side), source)
        faults = [*scan.problems, *problems]
        if faults:
            raise DataError(render(faults, source))
        tables.append(table)
    return pa.concat_tables(tables).replace_schema_metadata({"target": "label", **metadata})


def _scan(text: str, classes: Sequence[str]) -> Scan:
    names = {str(digit): name for digit, name in enumerate(classes)}
    rows, lines, problems = [], [], []
    for number, line in enumerate(text.split("\n"), 1):
        digit, _, rest = line.strip().partition(" ")
        if digit in names:
            rows.append((rest, names[digit]))
            lines.append(number)
        elif digit:
            message = f'must begin with a class from 0 to {len(classes) - 1}, got "{digit[:20]}"'
            problems.append(RowProblem(number, "label", message))
    return Scan.from_rows(("text", "target"), rows, lines, problems)


def _with_side(scan: Scan, side: str) -> Scan:
    import pyarrow as pa

    return Scan(scan.table.append_column("split", pa.array([side] * scan.table.num_rows, pa.string())), scan.lines)
