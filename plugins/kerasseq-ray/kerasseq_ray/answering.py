"""In a worker: answer a part of a parquet file, with onnxruntime; nothing here imports torch or Keras."""

# N rows

from __future__ import annotations

import functools
import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from kerasseq_runtime.errors import DataError, KerasseqError, RunError

from kerasseq.plugin import atomic

__all__ = ["Answered", "Asked", "Part", "answer_columns", "answer_part", "is_text", "opened"]

ROWS = 2048
"""At once; each may be long."""

TYPES = {"tensor(string)": pa.string(), "tensor(int64)": pa.int64(), "tensor(int32)": pa.int64()}
"""What an output of a file holds -> what its column holds; else real numbers."""


@dataclass(frozen=True)
class Part:
    """Row groups of a file, which one task answers.

    Attributes:
        source: The file's path below the folder that is read.
        groups: Its row groups.
        first: The first row, counted from 0.
        stop: One behind the last.
    """

    source: str
    groups: range
    first: int
    stop: int

    @property
    def rows(self) -> int:
        """How many."""
        return self.stop - self.first

    @property
    def output(self) -> str:
        """The file of its answers below the folder that is written; the same each time, and another part has another.

        >>> Part("2026/a.parquet", range(1), 0, 50_000).output
        '2026/a-000000000000-000000050000.parquet'
        """
        return f"{self.source.removesuffix('.parquet')}-{self.first:012d}-{self.stop:012d}.parquet"


@dataclass(frozen=True)
class Asked:
    """What every part is asked.

    Attributes:
        source: The folder that is read; every worker sees it under this name.
        target: The folder that is written; likewise.
        columns: Of the rows, as the model takes them: for each of its inputs the names whose texts are joined.
        name: What messages call the model.
    """

    source: str
    target: str
    columns: tuple[tuple[str, ...], ...]
    name: str


@dataclass
class Answered:
    """What was answered so far.

    Attributes:
        parts: Files.
        rows: Rows.
        memory: Most bytes of any worker.
        seconds: Of all workers together.
    """

    parts: int = 0
    rows: int = 0
    memory: int = 0
    seconds: float = 0.0


def answer_part(asked: Asked, model: bytes, part: Part) -> dict[str, Any]:
    """Write the file of a part: every column of its rows, and the answers behind them. It appears whole or not at all.

    Returns:
        `rows`, `seconds`, `memory` (most bytes that this process had so far), or `fault`: what is wrong with its rows.
    """
    begun = time.monotonic()
    try:
        with atomic(Path(asked.target, part.output)) as temporary:
            rows = _written(asked, opened(model, asked.name), part, temporary)
            if rows != part.rows:
                raise DataError(f"must have {part.rows:,} rows as at the start, got {rows:,}; it was written over")
    except (KerasseqError, pa.ArrowException, OSError) as cause:
        return {"fault": f"{Path(asked.source, part.source)}: rows {part.first:,} to {part.stop:,}: {cause}"}
    return {"rows": rows, "seconds": time.monotonic() - begun, "memory": _memory()}


def _written(asked: Asked, model: Any, part: Part, path: Path) -> int:
    types, rows = answer_columns(model), 0
    # Small buffers: the whole of a row group would be in memory
    with pq.ParquetFile(Path(asked.source, part.source), buffer_size=1 << 20, pre_buffer=False) as file:
        schema = file.schema_arrow
        for name, kind in types.items():
            schema = schema.append(pa.field(name, kind))
        with pq.ParquetWriter(path, schema) as out:
            for batch in file.iter_batches(ROWS, row_groups=list(part.groups)):
                batch.validate(full=True)  # Arrow believes what a file says, and a wrong place ends the process
                answers = model.predict(*(_given(batch, names, model.takes) for names in asked.columns))
                arrays = [pa.array(answers[name], kind) for name, kind in types.items()]
                out.write_batch(pa.RecordBatch.from_arrays([*batch.columns, *arrays], schema=schema))
                rows += batch.num_rows
    return rows


def _given(batch: pa.RecordBatch, names: Sequence[str], takes: str) -> list[Any]:
    """The rows as the model takes them; an absent text is an empty one, as for `kerasseq predict`."""
    if takes not in ("text", "pair"):
        found: list[Any] = [row or [] for row in batch.column(names[0]).to_pylist()]
        return found
    columns = [batch.column(name).cast(pa.string()).to_pylist() for name in names]
    if len(columns) == 1:
        return [text or "" for text in columns[0]]
    return [" ".join(text for text in texts if text and text.strip()) for texts in zip(*columns, strict=True)]


def answer_columns(model: Any) -> Mapping[str, pa.DataType]:
    """Name and type of each column that a model answers, known before it is asked: every part has the same."""
    held = {output.name: output.type for output in model.session.get_outputs()}
    found = {}
    for column in model.columns:
        kind = TYPES.get(held.get(column.output, ""), pa.float64())
        if model.translates and column.name == "prediction":
            kind = pa.string()
        axes = len(model.outputs[column.output])
        for _ in range(axes - {"all": 1, "largest": axes}.get(str(column.pick), 2)):
            kind = pa.list_(kind)
        found[column.name] = kind
    return found


def is_text(kind: pa.DataType) -> bool:
    """Whether a column's values can be read as texts."""
    try:
        pa.array([], kind).cast(pa.string())
    except pa.ArrowException:
        return False
    return True


@functools.lru_cache(maxsize=2)
def opened(model: bytes, name: str) -> Any:
    """The model, one thread a call; a process opens it once.

    Raises:
        RunError: It cannot be opened here.
    """
    from kerasseq_runtime.model import Model

    with tempfile.TemporaryDirectory(prefix="kerasseq-") as folder:
        path = Path(folder, f"{hashlib.sha256(model).hexdigest()}.onnx")
        path.write_bytes(model)
        try:
            found = Model(path, threads=1)
        except RunError as cause:
            raise RunError(str(cause).replace(str(path), name)) from cause
    found.path = Path(name)
    return found


def _memory() -> int:
    """Most bytes of this process so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
