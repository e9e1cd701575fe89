"""What holds for the pipeline of a task: rows in, inputs out, whatever the rows are."""

# N rows

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.spec import TaskSpec
from kerasseq.testing.faults import CheckFailed, told
from kerasseq.testing.task import learn

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples
    from kerasseq.pipelines.pipeline import Pipeline

__all__ = ["check_pipeline"]


def check_pipeline(spec: TaskSpec) -> None:
    """Every row can be read, alone as beside others, and none has more steps than the pipeline says."""
    lesson = learn(spec)
    pipeline, samples = lesson.task.pipeline, lesson.samples
    count = lesson.table.num_rows
    if len(samples) != count or len(samples.take([1, 0])) != 2 or len(samples.take([])) != 0:
        raise CheckFailed(
            f"samples must be the {count} rows of the table, and those that take asks for, got {len(samples)}"
        )
    shown, columns = samples.shown(0), samples.columns(slice(0, 2))
    if not isinstance(shown, str) or any(len(column) != 2 for column in columns.values()):
        raise CheckFailed(
            f"samples must show a row as a text and two rows as columns of two, got {shown!r:.60}, {columns}"
        )
    together = _read("the rows of the example", pipeline, samples)
    order = list(range(count))[::-1]
    apart = _read("the same rows in another order", pipeline, samples.take(order))
    alone = _read("a row alone", pipeline, samples.take([1]))
    for name, values in together.items():
        if not all(np.array_equal(values[row], apart[name][place]) for place, row in enumerate(order)):
            raise CheckFailed(f"neighbours must not change a row, {name} has other numbers in another order")
        if not np.array_equal(values[1], alone[name][0]):
            raise CheckFailed(f"neighbours must not change a row, {name} of row 1 has other numbers alone")
    _read("no rows", pipeline, samples.take([]))
    made = {"made": pipeline.made(), "odd": pipeline.odd(samples), "random": pipeline.random(3)}
    for what, rows in made.items():
        _read(f"the rows of {what}", pipeline, rows)
    if len(made["random"]) != 3 or len(made["odd"]) < count:
        said = f"{len(made['random'])} and {len(made['odd'])}"
        raise CheckFailed(
            f"random must give the 3 rows that are asked for, and odd the {count} given ones first, got {said}"
        )
    try:
        json.dumps([pipeline.describe(), dict(pipeline.steps())], allow_nan=False)
    except (TypeError, ValueError) as cause:
        raise CheckFailed(f"describe and steps must be JSON, got {told(cause)}") from cause


def _read(what: str, pipeline: Pipeline, samples: Samples) -> dict[str, Any]:
    """The inputs of the model, all of them and of every row."""
    try:
        inputs, counts = pipeline.encode(samples)
        counts + counts
    except Exception as cause:
        raise CheckFailed(f"{what} must be encoded and counted, got {told(cause)}") from cause
    missing = set(pipeline.names) - set(inputs)
    if missing:
        raise CheckFailed(f"encode must give every input of names, got no {', '.join(sorted(missing))}")
    for name, values in inputs.items():
        if len(values) != len(samples):
            raise CheckFailed(f"{what} are {len(samples)}, got {len(values)} of {name}")
        longest = int(values.lengths.max(initial=0)) if isinstance(values, Ragged) else 0
        if longest > pipeline.max_length:
            raise CheckFailed(
                f"a row must have at most max_length steps, {pipeline.max_length}, got {longest} of {name}"
            )
    return inputs
