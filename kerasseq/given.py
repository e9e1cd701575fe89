"""A table in memory where a file is read: pandas, polars, Arrow, whatever has the Arrow stream interface.

It is written once, beside other temporary files, and read as a file is, so that every rule and every message is the
same. Messages call it by its role, `the table given as train`; a run writes `memory:train` into its experiment.toml.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, runtime_checkable

from kerasseq.errors import DataError, RunError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "MEMORY",
    "ROLES",
    "TableLike",
    "absent",
    "give",
    "give_all",
    "given_as",
    "is_missing",
    "is_said",
    "is_table",
    "lent",
    "said",
    "take_back",
    "written",
]

ROLES = ("train", "validation", "test")

MEMORY = "memory:"
"""What stands before the role in experiment.toml."""

_SAID = "the table given as "
_MISSING = ("NoneType", "NAType", "NaTType")
"""Types of a value that is not there, with NaN among the numbers."""
_numbers = itertools.count()


@runtime_checkable
class TableLike(Protocol):
    """A table of pandas, polars or Arrow: the PyCapsule interface of Arrow, and a shape of rows and columns."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...


def is_missing(value: Any) -> bool:
    """Whether a value is the None, NA, NaT or NaN that stands for none."""
    return type(value).__name__ in _MISSING or (isinstance(value, float) and value != value)


def is_table(value: Any) -> TypeGuard[TableLike]:
    """Whether `value` is a table; a column of one, which has the same interface, is none."""
    return isinstance(value, TableLike) and len(value.shape) == 2


def give(table: Any, role: str) -> Path:
    """Write a table to where it can be read as a file.

    Args:
        table: Rows of pandas, polars or Arrow.
        role: What it stands for: `train`, `validation`, `test` or `data`.

    Returns:
        A parquet file, or of a table with lists of texts a jsonl file; it is deleted when the process ends.

    Raises:
        UsageError: It is no table.
        DataError: Columns hold values of more than one type, or of one that Arrow lacks; names every one.
        RunError: There is no room for it.
    """
    import pyarrow as pa

    if not is_table(table):
        message = f"must be a table of pandas, polars or Arrow, got {type(table).__name__}"
        raise UsageError(f"{role}: {message}; a file is named in the experiment, or with dataset.{role}=FILE")
    try:
        rows = pa.table(table)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as cause:
        raise DataError("\n".join(_mixed(table, role)) or f"{_SAID}{role}: must fit Arrow: {_first(cause)}") from cause
    lists = any(pa.types.is_list(t) or pa.types.is_large_list(t) for t in rows.schema.types)
    texts = lists and any(_holds_texts(t) for t in rows.schema.types)
    try:
        folder = _folder() / str(next(_numbers))
        folder.mkdir()
        return _lines(rows, folder / f"{role}.jsonl") if texts else _parquet(rows, folder / f"{role}.parquet")
    except OSError as cause:
        said = (cause.strerror or str(cause)).lower()
        raise RunError(f"{_SAID}{role}: must have room in {tempfile.gettempdir()}, got {said}") from cause


def give_all(tables: Mapping[str, Any]) -> dict[str, Path]:
    """Role -> file, of several tables.

    Raises:
        UsageError: One is no table, or there is no such role.
        DataError: With what is wrong with every one.
        RunError: There is no room for them.
    """
    strange = [f"{role}: must be one of {', '.join(ROLES)}" for role in tables if role not in ROLES]
    if strange:
        raise UsageError("\n".join(strange))
    files: dict[str, Path] = {}
    faults = []
    for role, table in tables.items():
        try:
            files[role] = give(table, role)
        except DataError as error:
            faults.append(str(error))
    if faults:
        raise DataError("\n".join(faults))
    return files


@contextlib.contextmanager
def lent(table: Any, role: str = "data") -> Iterator[Path]:
    """The file of `give` for as long as it is needed."""
    path = give(table, role)
    try:
        yield path
    finally:
        take_back(path)


def take_back(path: Path | str) -> None:
    """Delete the file of a table that was given; any other file stays."""
    if given_as(path):
        shutil.rmtree(Path(path).parent, ignore_errors=True)


def given_as(path: Path | str) -> str:
    """The role of a table that was given; empty for a file."""
    place = Path(path)
    return place.stem if place.parent.parent.name.startswith("kerasseq-given-") else ""


def said(path: Path | str) -> str:
    """What messages call a table that was given; empty for a file."""
    role = given_as(path)
    return f"{_SAID}{role}" if role else ""


def is_said(source: str) -> bool:
    """Whether what messages call a source is a table that was given."""
    return source.startswith(_SAID)


def written(path: str) -> str:
    """A path as experiment.toml has it: of a table that was given, `memory:train`."""
    role = given_as(path)
    return f"{MEMORY}{role}" if role else path


def absent(path: str) -> str:
    """What to do about a table that was given to a run and is not given now; empty for a file."""
    if not path.startswith(MEMORY):
        return ""
    role = path.removeprefix(MEMORY)
    again = f"in Python kerasseq.evaluate and kerasseq.resume take {role}=TABLE"
    other = "kerasseq evaluate RUN --data FILE measures another file"
    return f"must be given again, for the run read a table from memory; {again}, {other}"


@cache
def _folder() -> Path:
    path = Path(tempfile.mkdtemp(prefix="kerasseq-given-")).resolve()
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def _holds_texts(kind: pa.DataType) -> bool:
    """Whether a column holds lists of texts."""
    import pyarrow as pa

    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    inner = kind.value_type
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner) or inner == pa.string_view())


def _parquet(rows: pa.Table, path: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    columns = [column.cast(plain.get(column.type, column.type)) for column in rows.columns]
    pq.write_table(pa.Table.from_arrays(columns, names=rows.column_names), path)
    return path


def _lines(rows: pa.Table, path: Path) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for batch in rows.to_batches(max_chunksize=1024):
            for row in batch.to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    return path


def _mixed(table: Any, role: str) -> Iterator[str]:
    """A line for each column that holds values of more than one type, with the first row of another one."""
    for name in getattr(table, "columns", ()):
        first: type | None = None
        for number, value in enumerate(table[name], start=1):
            if is_missing(value):
                continue
            first = first or type(value)
            if type(value) is not first:
                message = f"must hold values of one type, got {type(value).__name__} below {first.__name__}"
                yield f"{_SAID}{role}: row {number}: {name}: {message}"
                break


def _first(cause: Exception) -> str:
    return (str(cause).splitlines() or [type(cause).__name__])[0]
