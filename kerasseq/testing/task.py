"""A task that has learned from the rows of its example, and a small model of it."""

# N rows, B batch, T time

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.corpus.examples import MASK, Batch, Examples
from kerasseq.spec import TaskSpec
from kerasseq.testing.example import ExampleSections, example_of, sections_of
from kerasseq.testing.faults import CheckFailed
from kerasseq.testing.network import answers, build, ready
from kerasseq.testing.values import given

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.samples import Samples
    from kerasseq.tasks.predictions import Predictions
    from kerasseq.tasks.task import Task

__all__ = ["Lesson", "answered", "as_lists", "learn", "learned_model", "outputs_of", "same_answers", "whole_batch"]

MOST = 12
"""Rows that a model is asked about."""


@dataclass(frozen=True)
class Lesson:
    """A task that has learned.

    Attributes:
        task: Built.
        sections: Those beside it.
        table: The rows it learned from.
        samples: The same as its pipeline reads them.
        examples: The first `MOST` of them as numbers, with targets.
    """

    task: Task
    sections: ExampleSections
    table: pa.Table
    samples: Samples
    examples: Examples


def learn(spec: TaskSpec) -> Lesson:
    """Build the task from its example."""
    ready()
    from kerasseq.config.settings import SplitSettings
    from kerasseq.tasks.task import Task

    example = example_of(spec)
    sections = sections_of(spec, example)
    table = spec.table(example.table, SplitSettings())
    task = spec.build(sections, table)
    if not isinstance(task, Task):
        raise CheckFailed(f"build must return a Task, got {type(task).__qualname__}")
    samples = task.pipeline.samples(table)
    some = table.slice(0, MOST)
    inputs, _ = task.pipeline.encode(task.pipeline.samples(some))
    return Lesson(task, sections, table, samples, task.examples(inputs, task.targets(some)))


def learned_model(spec: TaskSpec) -> Any:
    """What the task builds on the parts of its example."""
    from kerasseq.model import Parts

    lesson = learn(spec)
    return lesson.task.build_model(Parts.of(lesson.sections, lesson.task.pipeline))


def whole_batch(examples: Examples) -> Batch:
    """All rows as one batch, padded on the right."""
    return examples.batch(np.arange(len(examples)))


def as_lists(lesson: Lesson, outputs: Mapping[str, NDArray[Any]], inputs: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Outputs of a padded batch as `Task.decode` takes them: those with steps as one array a row, of its valid steps.

    Args:
        lesson: Whose task knows the axes.
        outputs: `(B, ...)` by name.
        inputs: Of the batch: ids are 0, and masks false, at padding, wherever that is.
    """
    timed = {out.name: out.of for out in lesson.task.outputs if out.timed}
    found: dict[str, Any] = {}
    for name, values in outputs.items():
        found[name] = values
        if name in timed:
            steps = inputs.get(timed[name] + MASK, inputs[timed[name]])
            found[name] = [row[valid != 0] for row, valid in zip(values, steps, strict=True)]
    return found


def outputs_of(lesson: Lesson, model: Any, batch: Batch) -> dict[str, NDArray[Any]]:
    """What the model says of a batch, padded; without the weights of steps that a pooler may add, and states."""
    from kerasseq.backend.engine import carried

    optional = {out.name for out in lesson.task.outputs if out.optional} | set(carried(model))
    return {name: value for name, value in answers(model, given(model, batch)).items() if name not in optional}


def answered(spec: TaskSpec, lesson: Lesson) -> dict[str, Any]:
    """What a small untrained model says of the rows, as `Task.decode` takes it."""
    batch, model = whole_batch(lesson.examples), build(spec)
    found = as_lists(lesson, outputs_of(lesson, model, batch), batch.inputs)
    return found | lesson.task.written(model, lesson.examples.unlabelled(), MOST)


def same_answers(rule: str, wanted: Predictions, got: Mapping[str, Any], tolerance: float = 0.0) -> None:
    """Compare answers, numbers by their difference and choices where they are no near ties.

    Args:
        rule: What the message begins with.
        wanted: What they should be.
        got: Arrays by name, see `Predictions.arrays`.
        tolerance: Of a number, in its unit.

    Raises:
        CheckFailed: They differ, or one is missing.
    """
    for name, values in wanted.arrays().items():
        if name not in got or len(got[name]) != len(values):
            had = f"{len(got[name])} of {len(values)}" if name in got else f"only {', '.join(got)}"
            raise CheckFailed(f"{rule}: there must be {name} for every row, got {had}")
    wrong = ~(wanted.apart(got) <= tolerance) | wanted.differ(got)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        said = {name: values[row] for name, values in got.items()}
        raise CheckFailed(
            f"{rule}: {int(wrong.sum())} of {len(wrong)} rows differ, numbers by up to {wanted.apart(got).max():.2g}; "
            f"row {row} gives {_short(said)} in place of {wanted.shown(row)}"
        )


def _short(value: Any) -> str:
    said = " ".join(str(value).split())
    return said if len(said) <= 150 else f"{said[:147]}..."
