"""Which rows the proof asks about: the run's own test rows, and those on which models break."""

# N rows

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kerasseq.arrays.ragged import Ragged
from kerasseq.console import count
from kerasseq.corpus.examples import Examples
from kerasseq.errors import DataError, KerasseqError
from kerasseq.onnx_graph.graph import Inexpressible
from kerasseq.preparation import read_again
from kerasseq.run_directory import RunDirectory
from kerasseq.trained import TrainedModel
from kerasseq.verify.sample import Sample

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples

__all__ = ["draw", "shuffled"]


def shuffled(count: int) -> Any:
    """The other order of the rows, `(N,)`."""
    return np.random.default_rng(2).permutation(count)


def draw(trained: TrainedModel, run: RunDirectory, rows: int) -> Sample:
    """`rows` test rows, evenly spread, and behind them rows on which models break, with targets of the others.

    Where the run's data is gone or another by now, the rows are made.

    Args:
        trained: The model.
        run: Its directory.
        rows: 1 or more; all test rows where there are fewer.
    """
    task = trained.task
    pipeline = task.pipeline
    try:
        samples, targets, source = _rows(trained, run, rows)
    except (KerasseqError, OSError) as cause:
        said = (str(cause).splitlines() or [type(cause).__name__])[0]
        samples = pipeline.random(rows)
        targets = task.made_targets(pipeline.encode(samples)[0])
        source = f"{len(samples)} {pipeline.made_of}, because the run's rows cannot be read: {said}"
    samples = pipeline.odd(samples)
    inputs, _ = pipeline.encode(samples)
    targets = task.examples(inputs, _as_many(targets, task.made_targets(inputs), len(samples))).targets
    order = shuffled(len(samples))
    again, _ = pipeline.encode(samples.take(order.tolist()))
    axes = task.answer_axes
    try:
        feeds: dict[str, Any] = dict(pipeline.in_graph().feeds(samples))
    except Inexpressible:
        feeds = {}
    return Sample(
        Examples(inputs, targets),
        Examples(again),
        order,
        feeds,
        {name: list(sizes) for name, sizes in axes.items()},
        {**{out.name: out.unit for out in task.outputs}, **task.units},
        task.describe().get("labels", ()),
        [samples.shown(row) for row in range(len(samples))],
        trained.experiment.general.precision,
        f"{source}, and {pipeline.oddities}",
    )


def _rows(trained: TrainedModel, run: RunDirectory, rows: int) -> tuple[Samples, Any, str]:
    """Of the test side, or of another where the run has no test rows."""
    tables = read_again(trained.experiment, run)
    for side in ("test", "validation", "train"):
        table = tables[side]
        if table.num_rows:
            places = np.linspace(0, table.num_rows - 1, min(rows, table.num_rows)).astype(np.int64)
            table = table.take(pa.array(places))
            samples = trained.task.pipeline.samples(table).take(range(len(places)))
            return samples, trained.task.targets(table), count(len(places), f"{side} {trained.task.pipeline.row}")
    raise DataError("dataset: must have rows, got none")


def _as_many(targets: Any, made: Any, rows: int) -> Any:
    """Targets of the first rows, and for the others those of the first ones again; made ones where steps count."""
    if not isinstance(targets, Ragged):
        return targets[np.arange(rows) % len(targets)]
    every = [targets[row] if row < len(targets) else made[row] for row in range(rows)]
    return Ragged.from_lists(every, targets.flat.dtype, targets.shape)
