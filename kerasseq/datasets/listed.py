"""One column of lists from a jsonl or a parquet file: tokens, or vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerasseq.datasets.layout import format_of
from kerasseq.datasets.problems import RowProblem, render, shown
from kerasseq.errors import DataError, UsageError
from kerasseq.registry.components import nearest

__all__ = ["read_lists"]


def read_lists(path: Path | str, name: str) -> list[Any]:
    """The values of a column, one a row; what the lists hold is for others to check.

    Raises:
        DataError: The file, or a row of it, cannot be read; all of them are named.
        UsageError: There is no such file, or it is neither jsonl nor parquet, or lacks the column.
    """
    if not Path(path).is_file():
        raise UsageError(f"{path}: must be a file, got {'a folder' if Path(path).is_dir() else 'nothing there'}")
    form = format_of(path)
    if form == "parquet":
        return _parquet(path, name)
    if form != "jsonl" or Path(path).suffix == ".gz":
        raise UsageError(f"{path}: must be a jsonl or a parquet file with a list in each row, got another suffix")
    values, problems = [], []
    for number, value, fault in _rows(path, name):
        values.append(value)
        if fault:
            problems.append(RowProblem(number, name, fault))
    if problems:
        raise DataError(render(problems, shown(path)))
    return values


def _rows(path: Path | str, name: str) -> Iterator[tuple[int, Any, str]]:
    """Line number, value, and what is wrong with it; blank lines are passed over."""
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except (ValueError, RecursionError):  # no UTF-8 is a ValueError too
                yield number, None, "must be JSON in utf-8, got something else"
                continue
            value = row.get(name) if isinstance(row, dict) else None
            yield number, value, "" if isinstance(value, list) else "must hold a list, got none"


def _parquet(path: Path | str, name: str) -> list[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            column = file.read([name])[name] if name in names else None
    except (pa.ArrowException, OSError) as cause:
        said = (str(cause).splitlines() or [type(cause).__name__])[0]
        raise DataError(f"{shown(path)}: must be a whole parquet file: {said[:200]}") from cause
    if column is None:
        raise UsageError(f'{path}: must have a column "{name}"{nearest(name, names)}')
    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if not any(is_one(column.type) for is_one in kinds) or column.null_count:
        raise DataError(f"{shown(path)}: {name}: must hold a list in each row, got {column.type}")
    values: list[Any] = column.to_pylist()
    return values
