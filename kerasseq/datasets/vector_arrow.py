"""parquet and Arrow files with a column of lists of lists of numbers."""

# N sequences, S steps of all of them, D numbers of a vector

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.scratch import CHUNK
from kerasseq.datasets.parquet import first_line, whole
from kerasseq.datasets.problems import RowProblem, shown
from kerasseq.datasets.vector_rows import VectorRows, joined, judged
from kerasseq.errors import DataError
from kerasseq.registry.components import nearest

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_problems", "nested_columns", "opened", "read_arrow"]

_PARQUET = (".parquet", ".pq")


def arrow_problems(path: Path | str, vectors: str, target: str) -> Iterator[str]:
    """What is wrong with the columns of a file, from its schema alone.

    Raises:
        DataError: The file is neither parquet nor Arrow.
    """
    with opened(path) as (schema, _):
        yield from _wrong_columns(schema, vectors, target, shown(path))


def nested_columns(path: Path | str) -> tuple[list[str], list[str]]:
    """The columns of lists of lists of numbers, and the others.

    Raises:
        DataError: The file is neither parquet nor Arrow.
    """
    with opened(path) as (schema, _):
        names: list[str] = list(schema.names)
        nested = [name for name in names if _is_number(_inside(_inside(schema.field(name).type)))]
    return nested, [name for name in names if name not in nested]


def read_arrow(path: Path | str, vectors: str, target: str) -> VectorRows:
    """Read a file.

    Args:
        path: A `.parquet`, or an Arrow file or stream.
        vectors: The column of the vectors: a list of lists of numbers a row, the inner ones of any kind of list.
        target: The column of the targets: strings, whole numbers and booleans are classes, floats are scores, lists are
            tags, one a step; empty for unlabelled rows.

    Raises:
        DataError: The file is damaged or has no rows, or a column is absent or of another type.
    """
    parts: list[VectorRows] = []
    width, line = 0, 1
    with opened(path) as (schema, batches):
        faults = list(_wrong_columns(schema, vectors, target, shown(path)))
        if faults:
            raise DataError("\n".join(faults))
        for batch in batches([name for name in (vectors, target) if name]):
            if batch.num_rows:
                part, width = _rows(batch, vectors, target, line, width)
                parts.append(part)
                line += batch.num_rows
    if not parts:
        raise DataError(f"{shown(path)}: must have rows, got none")
    return joined(parts)


@contextlib.contextmanager
def opened(path: Path | str) -> Iterator[Any]:
    """The schema of a file, and a function from column names to its batches.

    Raises:
        DataError: The file is neither parquet nor Arrow, or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with contextlib.ExitStack() as stack:
            if Path(path).suffix.lower() in _PARQUET:
                file = stack.enter_context(pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False))
                yield file.schema_arrow, lambda names: map(whole, file.iter_batches(CHUNK, columns=names))
            else:
                raw = stack.enter_context(pa.memory_map(str(path)))
                stream = raw.read(6) != b"ARROW1"
                raw.seek(0)
                file = stack.enter_context(pa.ipc.open_stream(raw) if stream else pa.ipc.open_file(raw))
                numbers = file if stream else map(file.get_batch, range(file.num_record_batches))
                yield file.schema, lambda names: (whole(batch.select(names)) for batch in numbers)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as cause:
        raise DataError(f"{shown(path)}: must be a whole parquet or Arrow file: {first_line(cause)[:200]}") from cause


def _wrong_columns(schema: pa.Schema, vectors: str, target: str, source: str) -> Iterator[str]:
    import pyarrow as pa

    kinds = {vectors: "lists of lists of numbers", target: "texts, numbers, or a list of them, one a step"}
    for name, wanted in kinds.items():
        if name and schema.names.count(name) != 1:
            got = "it twice" if name in schema.names else f"none{nearest(name, schema.names)}"
            yield f'{source}: must have one column "{name}", got {got}'
        elif name:
            kind = schema.field(name).type
            inner = _inside(_inside(kind)) if name == vectors else _inside(kind) or kind
            number = _is_number(inner)
            text = inner is not None and (pa.types.is_string(inner) or pa.types.is_large_string(inner))
            flag = inner is not None and (pa.types.is_boolean(inner) or pa.types.is_dictionary(inner))
            if not number and (name == vectors or not (text or flag)):
                yield f"{source}: {name}: must hold {wanted}, got {kind}"


def _is_number(kind: pa.DataType | None) -> bool:
    import pyarrow as pa

    return kind is not None and (pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _inside(kind: pa.DataType | None) -> pa.DataType | None:
    """The type of what a list holds; None for what is no list."""
    import pyarrow as pa

    if kind is None:
        return None
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return kind.value_type if any(is_one(kind) for is_one in lists) else None


def _rows(batch: pa.RecordBatch, vectors: str, target: str, line: int, width: int) -> tuple[VectorRows, int]:
    """The rows of a batch, and the width that their vectors have: `width`, or where it is 0 that of the first one."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = batch.column(vectors)
    inner = column.flatten()
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    widths = pc.fill_null(pc.list_value_length(inner), 0).to_numpy(zero_copy_only=False).astype(np.int64)  # (S,)
    width = width or int(next(iter(widths[widths > 0]), 0))
    owner = np.repeat(np.arange(len(lengths)), lengths)
    wrong = np.flatnonzero(widths != width)
    bad, first = np.unique(owner[wrong], return_index=True)
    problems = [
        RowProblem(line + int(row), vectors, f"must be vectors of {width} numbers, got one of {widths[wrong[place]]}")
        for row, place in zip(bad, first, strict=True)
    ]
    good = np.ones(len(lengths), dtype=bool)
    good[bad] = False
    values = inner.flatten().to_numpy(zero_copy_only=False)
    if len(bad):
        values = values[np.repeat(good[owner], widths)]
    flat = values.reshape(-1, max(width, 1))
    targets = _targets(batch.column(target).filter(pa.array(good))) if target else pa.nulls(int(good.sum()))
    lines = line + np.flatnonzero(good)
    return judged(flat, lengths[good], targets, lines, (vectors, target), problems), width


def _targets(column: pa.Array[Any]) -> pa.Array[Any]:
    """Floats as float64, lists as lists of strings, anything else as strings."""
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        return column.cast(pa.float64())
    return column.cast(pa.list_(pa.string()) if _inside(column.type) else pa.string())
