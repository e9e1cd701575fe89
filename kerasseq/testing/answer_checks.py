"""What holds for the answers of a task: their forms, and what they are worth."""

# N rows, T time

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.runtime.columns import as_columns
from kerasseq.spec import TaskSpec
from kerasseq.testing.faults import CheckFailed
from kerasseq.testing.task import Lesson, answered, learn, same_answers

if TYPE_CHECKING:
    from kerasseq.tasks.predictions import Predictions

__all__ = ["check_answers", "check_scores"]


def check_answers(spec: TaskSpec) -> None:
    """Every row gets an answer: as arrays, as columns, and read again from its arrays the same one."""
    lesson = learn(spec)
    task, outputs = lesson.task, answered(spec, lesson)
    predictions = task.decode(outputs)
    arrays = predictions.arrays()
    _check_arrays(lesson, len(predictions), arrays)
    _check_columns(lesson, predictions)
    read, kept = task.read(arrays), task.decode(task.reduced(outputs))
    same_answers("what is read from the arrays of answers must be these", predictions, read.arrays())
    same_answers("of what reduced keeps, decode must give the same answers", predictions, kept.arrays())
    rows = np.array([2, 0])
    taken = {name: [values[row] for row in rows] for name, values in arrays.items()}
    same_answers("take must give the rows that it is asked for", predictions.take(rows), taken)
    count = len(lesson.examples)
    losses, sure = task.row_losses(lesson.examples.targets, predictions), predictions.sure()
    if losses.shape != (count,) or not np.isfinite(losses).all():
        raise CheckFailed(f"row_losses must be a finite number for each of {count} rows, got shape {losses.shape}")
    if sure.shape != (count,) or sure.dtype != bool:
        raise CheckFailed(f"sure must say of each of {count} rows true or false, got {sure.dtype} {sure.shape}")


def _check_arrays(lesson: Lesson, rows: int, arrays: dict[str, Any]) -> None:
    """`answer_axes` says what there is, and of which shape."""
    axes, count = lesson.task.answer_axes, len(lesson.examples)
    if rows != count or set(arrays) != set(axes):
        said = f"{', '.join(arrays)} for {rows}"
        raise CheckFailed(f"decode must give {', '.join(axes)} for each of {count} rows, got {said}")
    steps = lesson.examples.steps(lesson.task.pipeline.names[0]) if _timed(axes) else np.ones(count, dtype=np.int64)
    for name, values in arrays.items():
        for row, value in enumerate(values):
            wanted = tuple(int(steps[row]) if size == "time" else size for size in axes[name][1:])
            if np.shape(value) != wanted:
                raise CheckFailed(
                    f"answer_axes must say the shape of an answer, {name} has {axes[name]}, got {np.shape(value)} in "
                    f"place of {wanted} for row {row}"
                )


def _timed(axes: Any) -> bool:
    return any("time" in sizes for sizes in axes.values())


def _check_columns(lesson: Lesson, predictions: Predictions) -> None:
    """`answer_columns` says how columns are made of arrays, here as in an exported file."""
    task, count = lesson.task, len(lesson.examples)
    columns = task.columns(predictions)
    lengths = {name: len(column) for name, column in columns.items()}
    if next(iter(columns), "") != "prediction" or set(lengths.values()) != {count}:
        raise CheckFailed(f"columns must begin with prediction and have {count} rows each, got {lengths}")
    told = as_columns(task.answer_columns, predictions.arrays())
    if list(told) != list(columns) or told != columns:
        wrong = [name for name in {**told, **columns} if told.get(name) != columns.get(name)] or list(told)
        raise CheckFailed(
            f"columns must be what answer_columns says, which stands in exported files, {', '.join(wrong)} differ"
        )


def check_scores(spec: TaskSpec) -> None:
    """The main score is among the scores; quick scores are numbers; baselines answer every row."""
    lesson = learn(spec)
    task, table = lesson.task, lesson.table
    truth: Any = task.examples(task.pipeline.encode(lesson.samples)[0], task.targets(table)).targets
    own = task.decode(answered(spec, lesson))
    _score(lesson, "the model", lesson.examples.targets, own)
    for name, predictions in task.baselines(lesson.samples, truth, lesson.samples, seed=0).items():
        if len(predictions) != len(truth):
            raise CheckFailed(f"a baseline must answer all {len(truth)} rows, {name} gives {len(predictions)}")
        _score(lesson, name, truth, predictions)


def _score(lesson: Lesson, who: str, truth: Any, predictions: Predictions) -> None:
    task = lesson.task
    scores = {s.name: s for s in task.scores(truth, predictions, resamples=100, confidence=0.95, seed=0)}
    if task.main_score not in scores:
        raise CheckFailed(f"main_score must be one of the scores, {', '.join(scores)}, got {task.main_score}")
    strange = set(task.headlines) - set(scores)
    if task.headlines and not set(task.headlines) & set(scores):
        raise CheckFailed(f"headlines must be scores, {', '.join(scores)}, got {', '.join(sorted(strange))}")
    quick = task.quick_scores(truth, predictions)
    if task.main_score not in quick:
        raise CheckFailed(f"quick_scores must have the main score, {task.main_score}, got {', '.join(quick)}")
    if not all(np.isfinite(value) for value in quick.values()):
        raise CheckFailed(f"quick_scores must be finite, got {quick} for {who}")
    measured = task.measure(truth, predictions)(np.arange(len(truth))[None])
    for name, values in measured.items():
        if np.shape(values) != (1,):
            raise CheckFailed(f"measure must give a number for each draw, {name} has shape {np.shape(values)} for one")
        value = scores[name].value if name in scores else None
        if value is not None and not abs(value - float(values[0])) <= 1e-9 * max(1.0, abs(value)):
            raise CheckFailed(f"of all rows, measure must give the score, {name} is {value} and {float(values[0])}")
    draws = next(task.draws(len(truth), 10, 0))
    if draws.ndim != 2 or draws.shape[1] != len(truth) or draws.min() < 0 or draws.max() >= len(truth):
        raise CheckFailed(f"draws must give numbers of {len(truth)} rows, as many in each draw, got {draws.shape}")
