"""parquet: the wanted columns, cast to strings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kerasseq.datasets.problems import place, shown
from kerasseq.datasets.scan import Scan
from kerasseq.datasets.unpacked import most_unpacked, too_large
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["first_line", "names_of", "scan_parquet", "whole"]

UNPACKED = 1 << 28
"""Bytes of texts that a file may hold in any case."""
RATIO = 256
"""How many times its size they may be: a text that many rows share is stored once."""
ROWS = 512
"""At once; each may be long."""

Rows = TypeVar("Rows", bound="pa.Table | pa.RecordBatch")


def names_of(path: Path | str) -> list[str]:
    """The column names; reads the footer alone.

    Raises:
        DataError: The file is no parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as cause:
        raise DataError(f"{shown(path)}: must be parquet: {first_line(cause)}") from cause


def scan_parquet(path: Path | str, wanted: Sequence[str]) -> Iterator[Scan]:
    """Read the columns `wanted`, some rows at a time; a line is the 1-based number of the row.

    Raises:
        DataError: The file is damaged, or a column holds neither texts nor numbers.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Small buffers: the whole of a row group would be in memory
        with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
            yield _strings(file.schema_arrow.empty_table(), wanted, path, 1)
            line, held, most = 1, 0, most_unpacked(path, RATIO, UNPACKED)
            for batch in file.iter_batches(ROWS, columns=list(wanted)):
                held += sum(map(_size, batch.columns))
                if held > most:
                    raise DataError(f"{shown(path)}: {too_large(most)}")
                yield _strings(pa.Table.from_batches([whole(batch)]), wanted, path, line)
                line += batch.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as cause:
        raise DataError(f"{shown(path)}: cannot be read: {first_line(cause)}") from cause


def whole(rows: Rows) -> Rows:
    """Rows of a file whose bytes were looked at: texts are UTF-8, places lie inside. Arrow believes what a file says,
    and a wrong place ends the process.

    Raises:
        pyarrow.ArrowInvalid: They are not.
    """
    rows.validate(full=True)
    return rows


def _size(column: pa.Array[Any]) -> int:
    """Bytes of its values, each counted as often as it stands."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(column.type) or not pa.types.is_string(column.type.value_type):
        return int(column.nbytes)
    return pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0


def _strings(table: pa.Table, wanted: Sequence[str], path: Path | str, line: int) -> Scan:
    import numpy as np
    import pyarrow as pa

    columns, wrong = [], []
    for name in wanted:
        column = table.column(name)
        try:
            columns.append(column.cast(pa.string()))
        except pa.ArrowException:
            message = f"must hold texts or numbers, got {column.type}"
            wrong.append(f"{place(shown(path), 1)}: {name}: {message}")
    if wrong:
        raise DataError("\n".join(wrong))
    schema = pa.schema([(name, pa.string()) for name in wanted])
    lines = pa.array(np.arange(line, line + table.num_rows))
    return Scan(pa.Table.from_arrays(columns, schema=schema), lines)


def first_line(cause: Exception) -> str:
    """What pyarrow says is wrong with a file."""
    if isinstance(cause, UnicodeDecodeError):
        return f"a name of a column is no UTF-8 ({cause.object[:40]!r})"
    return (str(cause).splitlines() or [type(cause).__name__])[0]
