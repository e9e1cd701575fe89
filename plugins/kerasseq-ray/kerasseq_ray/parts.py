"""What a prediction consists of: row groups of parquet files, each part with the name of the file that answers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kerasseq.plugin import DataError, UsageError
from kerasseq_ray.answering import Part, is_text

__all__ = ["Source", "missing_parts", "parts_of", "sources"]

FOOTERS = 16
"""Files whose footers are read at a time."""

TOLD = 10
"""Files that an error names."""


@dataclass(frozen=True)
class Source:
    """A file of the folder.

    Attributes:
        name: Its path below the folder, with `/`.
        size: Bytes.
        groups: Rows of each row group.
        schema: Its columns.
    """

    name: str
    size: int
    groups: tuple[int, ...]
    schema: pa.Schema

    def as_json(self) -> dict[str, Any]:
        """By what a later call knows that it is the same file."""
        return {"file": self.name, "bytes": self.size, "rows": sum(self.groups)}


def sources(folder: Path, wanted: Mapping[str, bool], answers: Sequence[str]) -> list[Source]:
    """Every parquet file below a folder, by name; what begins with `.` or `_` is none, as for other readers.

    Args:
        folder: Is searched to its depth.
        wanted: Columns that the model reads -> whether they hold texts.
        answers: Columns that it answers.

    Raises:
        UsageError: There is no such folder or no parquet in it, or a file lacks a column, or has an answer's.
        DataError: A file is no parquet.
    """
    if not folder.is_dir():
        got = "a file; one file is read by kerasseq predict" if folder.is_file() else "nothing there"
        raise UsageError(f"--input: must be a folder of parquet, got {folder}: {got}")
    below = [path for path in sorted(folder.rglob("*.parquet")) if path.is_file()]
    paths = [path for path in below if not any(part[0] in "._" for part in path.relative_to(folder).parts)]
    if not paths:
        raise UsageError(f"--input: must be a folder of parquet, got {folder}, in which no file ends in .parquet")
    with ThreadPoolExecutor(FOOTERS) as pool:
        found = list(pool.map(lambda path: _source(folder, path), paths))
    damaged = [each for each in found if isinstance(each, str)]
    if damaged:
        raise DataError(_some(damaged))
    whole = [each for each in found if isinstance(each, Source)]
    wrong = [line for each in whole for line in _faults(folder, each, wanted, answers)]
    if wrong:
        raise UsageError(_some(wrong))
    return whole


def _source(folder: Path, path: Path) -> Source | str:
    """What a footer says, or what is wrong with it."""
    try:
        with pq.ParquetFile(path) as file:
            footer = file.metadata
            groups = tuple(footer.row_group(n).num_rows for n in range(footer.num_row_groups))
            return Source(path.relative_to(folder).as_posix(), path.stat().st_size, groups, file.schema_arrow)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as cause:
        said = (str(cause).splitlines() or [type(cause).__name__])[0]
        return f"{path}: must be parquet: {said}"


def _faults(folder: Path, source: Source, wanted: Mapping[str, bool], answers: Sequence[str]) -> Iterator[str]:
    names, where = source.schema.names, folder / source.name
    for name, text in wanted.items():
        if names.count(name) != 1:
            got = f"it {names.count(name)} times" if name in names else ", ".join(names) or "none"
            yield f'{where}: must have a column "{name}", got {got}; --text names another'
        elif text and not is_text(source.schema.field(name).type):
            yield f"{where}: {name}: must hold texts or numbers, got {source.schema.field(name).type}"
    for name in answers:
        if name in names:
            yield f'{where}: must have no column "{name}", which an answer is called; rename it'


def _some(lines: Sequence[str]) -> str:
    more = [f"and {len(lines) - TOLD} more"] * (len(lines) > TOLD)
    return "\n".join([*lines[:TOLD], *more])


def parts_of(source: Source, rows: int) -> Iterator[Part]:
    """Row groups that stand together, as many as have `rows` rows at most, or one that has more; one part at least."""
    first = start = held = 0
    for group, count in enumerate(source.groups):
        if held and held + count > rows:
            yield Part(source.name, range(start, group), first, first + held)
            start, first, held = group, first + held, 0
        held += count
    yield Part(source.name, range(start, len(source.groups)), first, first + held)


def missing_parts(parts: Sequence[Part], folder: Path) -> list[Part]:
    """Those that have no whole file yet."""
    with ThreadPoolExecutor(FOOTERS) as pool:
        whole = pool.map(lambda part: _is_whole(folder / part.output, part.rows), parts)
        return [part for part, there in zip(parts, whole, strict=True) if not there]


def _is_whole(path: Path, rows: int) -> bool:
    try:
        with pq.ParquetFile(path) as file:
            return bool(file.metadata.num_rows == rows)
    except (pa.ArrowException, OSError):
        return False
