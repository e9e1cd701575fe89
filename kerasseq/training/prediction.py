"""What a model says about every row."""

# N rows, T time

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.backend.engine import Engine
from kerasseq.backend.words import still
from kerasseq.corpus.batches import sorted_batches
from kerasseq.corpus.examples import Examples
from kerasseq.corpus.streams import Streams

if TYPE_CHECKING:
    from kerasseq.tasks.task import Output, Task

__all__ = ["predict"]


def predict(engine: Engine, examples: Examples, task: Task, batch_size: int) -> tuple[dict[str, Any], float]:
    """Outputs of every row in the order of the examples, with what the task writes about them, and the mean loss; NaN
    where there are no targets.

    Rows are sorted by length over all of them and put back; outputs with a time axis, as attention weights, are cut to
    their rows and come as a list of arrays. Where a task writes, rows without targets get what it wrote alone.
    """
    with still():
        return _predict(engine, examples, task, batch_size)


def _predict(engine: Engine, examples: Examples, task: Task, batch_size: int) -> tuple[dict[str, Any], float]:
    if isinstance(examples, Streams):
        return _read_on(engine, examples, batch_size)
    written = task.written(engine.model, examples, batch_size)
    if written and examples.targets is None:  # what the outputs say of references nobody asks
        return written, math.nan
    known = {out.name: out for out in task.outputs}
    outputs = {out.name: _room(out, 0, out.shape[1:]) for out in task.outputs if not out.optional}
    loss = weight = 0.0
    for number, rows in enumerate(sorted_batches(examples.lengths, batch_size)):
        found = engine.forward(examples.batch(rows, engine.lengths, batch_size if engine.fixed_batch else 0))
        loss += found.loss
        weight += found.weight
        reduced = {name: array for name, array in task.reduced(found.outputs).items() if name in known}
        if not number:
            outputs = {name: _room(known[name], len(examples), array.shape[1:]) for name, array in reduced.items()}
        for name, array in reduced.items():
            if known[name].constant:
                outputs[name] = array[:1]
            elif not known[name].timed:
                outputs[name][rows] = array
            else:
                for row, value, length in zip(rows, array, examples.steps(known[name].of)[rows], strict=True):
                    outputs[name][row] = value[:length]
    return outputs | written, loss / weight if weight else math.nan


def _read_on(engine: Engine, streams: Streams, batch_size: int) -> tuple[dict[str, Any], float]:
    """What a language model says of every token, piece by piece, and the mean loss."""
    found = np.zeros(streams.total, dtype=np.float32)
    asked = streams.unlabelled()
    for piece in streams.passes(batch_size):
        batch = asked.batch(piece, engine.lengths, batch_size if engine.fixed_batch else 0)
        values = engine.forward(batch).outputs["log_probability"]  # (B, T)
        steps = np.arange(values.shape[1])
        places = piece.starts[:, None] + steps
        counted = (places < piece.stops[:, None]) & (steps >= piece.skipped[:, None])
        found[places[counted]] = values[counted]
    loss = -float(found.mean(dtype=np.float64)) if len(found) else math.nan
    return {"log_probability": streams.by_row(found)}, loss if streams.targets is not None else math.nan


def _room(out: Output, rows: int, shape: Sequence[int | None]) -> Any:
    return [None] * rows if out.timed else np.empty((rows, *(size or 0 for size in shape)), dtype=np.float32)
