"""Columns of a table as they stand in its file, to be written beside answers."""

# N rows

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasseq.datasets.content import read_bytes, to_utf8
from kerasseq.datasets.jsonarray import as_lines
from kerasseq.datasets.layout import Layout
from kerasseq.datasets.parquet import first_line, whole
from kerasseq.datasets.problems import shown
from kerasseq.datasets.reader import column_names, scan_file
from kerasseq.datasets.reading import nearest_first
from kerasseq.errors import DataError, UsageError

__all__ = ["ALL", "Column", "read_kept"]

ALL = "all"
"""Means every column, in the order of the file."""

Column = Sequence[Any]
"""`(N,)` values, or an array of Arrow."""


def read_kept(path: Path, layout: Layout, wanted: Sequence[str]) -> Mapping[str, Column]:
    """Read columns that nobody judges.

    Args:
        path: A csv, tsv, jsonl or parquet file whose rows can be read.
        layout: How it is written.
        wanted: Names, each maybe several with commas between; or `"all"`.

    Returns:
        Name -> `(N,)` values in the order asked for: texts of csv and tsv, what the JSON says, arrays of Arrow.

    Raises:
        UsageError: A column is missing, is named twice, or stands there twice; or the file has no columns.
        DataError: The file cannot be read.
    """
    form = layout.format_for(path)
    if not form:
        raise UsageError(f"--keep: must be of csv, tsv, jsonl or parquet, got {path}")
    rows = _objects(path, layout) if form == "jsonl" else []
    names = list(dict.fromkeys(key for row in rows for key in row)) if rows else column_names(path, layout)
    chosen = _chosen(path, names, wanted)
    if form == "jsonl":
        return {name: [row.get(name) for row in rows] for name in chosen}
    if form == "parquet":
        return _arrow(path, chosen)
    scan = scan_file(path, layout, tuple(chosen), shown(path))
    return {name: scan.table.column(name).to_pylist() for name in chosen}


def _chosen(path: Path, names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The columns that are meant, each of which the file has once."""
    chosen = []
    for each in wanted:
        if each in names:
            chosen.append(each)
        elif each == ALL:
            chosen += names
        else:
            chosen += [part.strip() for part in each.split(",") if part.strip()]
    wrong = []
    for name in dict.fromkeys(chosen):
        if name not in names:
            wrong.append(f'--keep: must be a column of {path}, got "{name}"; it has {_listed(name, names)}')
        elif names.count(name) > 1:
            wrong.append(f'--keep: must be one column of {path}, "{name}" stands there {names.count(name)} times')
        elif chosen.count(name) > 1:
            wrong.append(f'--keep: must name each column once, got "{name}" {chosen.count(name)} times')
    if wrong:
        raise UsageError("\n".join(wrong))
    return chosen


def _listed(name: str, names: Sequence[str]) -> str:
    return ", ".join(nearest_first(name, list(dict.fromkeys(names)))) or "none"


def _objects(path: Path, layout: Layout) -> list[dict[str, Any]]:
    data = to_utf8(read_bytes(path), layout.encoding, shown(path), lambda _: "")
    text = as_lines(data, shown(path))[:].decode()
    try:
        return [dict(json.loads(line)) for line in text.split("\n") if line.strip()]
    except (ValueError, TypeError, RecursionError) as cause:
        raise DataError(f"{shown(path)}: must have a JSON object on each line, got something else") from cause


def _arrow(path: Path, names: Sequence[str]) -> dict[str, Column]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = whole(file.read(columns=list(names)))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as cause:
        raise DataError(f"{shown(path)}: cannot be read: {first_line(cause)}") from cause
    return {name: table.column(name) for name in names}
