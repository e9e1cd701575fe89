"""From files of sequences of vectors to one table: every bad row of every file is named or counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.datasets.problems import judge, shown
from kerasseq.datasets.vector_arrow import arrow_problems, read_arrow
from kerasseq.datasets.vector_column import to_column
from kerasseq.datasets.vector_npz import npz_problems, read_npz
from kerasseq.datasets.vector_rows import VectorRows
from kerasseq.datasets.vector_ts import read_ts, ts_problems
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SUFFIXES", "file_problems", "form_of", "read_rows", "read_vector_files"]

SUFFIXES = {".ts": "ts", ".npz": "npz", ".parquet": "arrow", ".pq": "arrow", ".arrow": "arrow", ".feather": "arrow"}
"""Suffix -> how the file is read; `.gz` may follow `.ts`."""
_NAMES = {"npz": "y", "arrow": "target", "ts": "target"}
"""What the target is called where the settings say `auto`."""


def form_of(path: Path | str) -> str:
    """How a file is read, by its name; empty where that is not known.

    >>> form_of("JapaneseVowels_TRAIN.ts"), form_of("rows.npz"), form_of("rows.csv")
    ('ts', 'npz', '')
    """
    file = Path(path)
    stem = Path(file.stem) if file.suffix.lower() == ".gz" else file
    form = SUFFIXES.get(stem.suffix.lower(), "")
    return form if form == "ts" or stem is file else ""


def file_problems(path: Path | str, vectors: str, target: str) -> Iterator[str]:
    """What is wrong with a file, from its header or schema alone.

    Raises:
        DataError: It cannot be read.
    """
    form = form_of(path)
    name = _NAMES[form] if target == "auto" else target
    if form == "ts":
        yield from ts_problems(path, bool(target))
    elif form == "npz":
        yield from npz_problems(path, name)
    else:
        yield from arrow_problems(path, vectors, name)


def read_vector_files(files: Mapping[str, Path | str], vectors: str, target: str, on_bad_row: str) -> pa.Table:
    """Read files into one table.

    Args:
        files: Side -> path; with more than one file, or a side other than `train`, the table has a split column.
        vectors: The column of the vectors in parquet and Arrow files.
        target: The array or column of the target; `auto` for the usual name, empty for unlabelled rows.
        on_bad_row: `error`: raise with every bad row of every file. `skip`: leave them out, log them and count them in
            the schema's metadata `skipped`.

    Raises:
        DataError: `file:line: column: message`, a line for each problem; or two files do not agree.
    """
    import pyarrow as pa

    read: dict[str, VectorRows] = {}
    faults, skipped = [], 0
    for side, path in files.items():
        try:
            rows = read_rows(path, vectors, target)
        except DataError as error:
            faults.append(str(error))
            continue
        read[side] = rows
        fault = judge(rows.problems, shown(path), len(rows.lines), rows.rows, on_bad_row)
        if fault:
            faults.append(fault)
        skipped += rows.rows - len(rows.lines)
    faults += _disagree({shown(files[side]): rows for side, rows in read.items() if len(rows.lines)})
    if faults:
        raise DataError("\n".join(faults))
    tables = [_table(rows, shown(files[side]), side if set(files) != {"train"} else "") for side, rows in read.items()]
    first = form_of(next(iter(files.values())))
    name = (_NAMES[first] if target == "auto" else target) or "target"
    return pa.concat_tables(tables).replace_schema_metadata({"target": name, "skipped": str(skipped)})


def read_rows(path: Path | str, vectors: str, target: str) -> VectorRows:
    """Read one file: its sound rows, and what is wrong with the others; see `read_vector_files`."""
    form = form_of(path)
    name = _NAMES[form] if target == "auto" else target
    if form == "ts":
        return read_ts(path, bool(target))
    return read_npz(path, name) if form == "npz" else read_arrow(path, vectors, name)


def _disagree(read: Mapping[str, VectorRows]) -> Iterator[str]:
    """What the later files have otherwise than the first one."""
    first, *others = read or [""]
    for source in others:
        width, wanted = read[source].flat.shape[1], read[first].flat.shape[1]
        if width != wanted:
            yield f"{source}: must have vectors of {wanted} numbers, as {first} has, got {width}"
        kind, like = read[source].targets.type, read[first].targets.type
        if kind != like:
            yield f"{source}: must have targets of one type, {like} as {first} has, got {kind}"


def _table(rows: VectorRows, source: str, side: str) -> pa.Table:
    import pyarrow as pa

    count = len(rows.lines)
    columns = {
        "vectors": to_column(rows.flat, rows.offsets),
        "target": rows.targets if rows.targets.null_count < count else rows.targets.cast(pa.string()),
        "source": pa.repeat(pa.scalar(source, pa.string()), count),
        "line": pa.array(rows.lines),
    }
    if side:
        columns["split"] = pa.repeat(pa.scalar(side, pa.string()), count)
    return pa.table(columns)
