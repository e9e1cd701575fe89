"""parquet: the wanted columns, cast to strings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kerasseq.datasets.problems import shown
from kerasseq.datasets.scan import Scan
from kerasseq.errors import DataError

__all__ = ["names_of", "scan_parquet"]


def names_of(path: Path | str) -> list[str]:
    """The column names; reads the footer alone.

    Raises:
        DataError: The file is no parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as cause:
        raise DataError(f"{shown(path)}: must be parquet: {_first_line(cause)}") from cause


def scan_parquet(path: Path | str, wanted: Sequence[str]) -> Scan:
    """Read the columns `wanted`; a line is the 1-based number of the row.

    Raises:
        DataError: The file is damaged, or a column holds neither texts nor numbers.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=list(wanted))
    except (pa.ArrowException, OSError) as cause:
        raise DataError(f"{shown(path)}: cannot be read: {_first_line(cause)}") from cause
    columns = []
    for name in wanted:
        column = table.column(name)
        try:
            columns.append(column.cast(pa.string()))
        except pa.ArrowException as cause:
            message = f"must hold texts or numbers, got {column.type}"
            raise DataError(f"{shown(path)}:1: {name}: {message}") from cause
    schema = pa.schema([(name, pa.string()) for name in wanted])
    lines = pa.array(range(1, table.num_rows + 1), pa.int64())
    return Scan(pa.Table.from_arrays(columns, schema=schema), lines)


def _first_line(cause: Exception) -> str:
    return (str(cause).splitlines() or [type(cause).__name__])[0]
