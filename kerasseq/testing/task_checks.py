"""What holds for tasks before there is a model: targets, and what is kept of a run."""

# N rows

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.errors import DataError
from kerasseq.spec import TaskSpec
from kerasseq.testing.faults import CheckFailed, told
from kerasseq.testing.task import Lesson, answered, learn, same_answers

__all__ = ["check_state", "check_targets"]


def check_targets(spec: TaskSpec) -> None:
    """Targets become finite numbers and come back; a wrong one is an error that says file and line."""
    lesson = learn(spec)
    task, table = lesson.task, lesson.table
    truth = task.targets(table)
    if len(truth) != table.num_rows or not np.isfinite(_numbers(truth)).all():
        raise CheckFailed(
            f"targets must be finite numbers for each of {table.num_rows} rows, got {_form(truth)} of {len(truth)} rows"
        )
    if "target" in table.column_names:
        known, back = table["target"].to_pylist(), task.truth_column(truth)
        if not _alike(known, back):
            said = f"{known[:4]}, got {back[:4]}"
            raise CheckFailed(f"truth_column must give the targets as the data writes them, {said}")
        _wrong_targets(spec, lesson, known)
    weights = task.weights(truth)
    if weights.shape != (table.num_rows,) or not (weights >= 0).all():
        raise CheckFailed(f"weights must give a number of at least 0 for each row, got shape {weights.shape}")
    made = task.made_targets(lesson.examples.inputs)
    if len(made) != len(lesson.examples) or _form(made) != _form(lesson.examples.targets):
        raise CheckFailed(
            f"made_targets must have the form of targets, {_form(truth)}, for each of {len(lesson.examples)} rows, got "
            f"{_form(made)} of {len(made)} rows"
        )


def _numbers(truth: Any) -> Any:
    return np.asarray(truth.flat if isinstance(truth, Ragged) else truth, dtype=float)


def _form(truth: Any) -> str:
    """`one a row, (3,)`."""
    return f"one a {'step' if isinstance(truth, Ragged) else 'row'}, {tuple(_numbers(truth).shape[1:])}"


def _alike(known: Any, back: Any) -> bool:
    """Whether values are the same: words, numbers as float32 has them, lists one by one."""
    if isinstance(known, str) or isinstance(back, str):
        return str(known) == str(back)
    if isinstance(known, Sequence):
        return len(known) == len(back) and all(map(_alike, known, back))
    return bool(abs(float(known) - float(back)) <= 1e-5 * max(1.0, abs(float(known))))


def _wrong_targets(spec: TaskSpec, lesson: Lesson, known: list[Any]) -> None:
    """None in the last row, then nonsense."""
    import pyarrow as pa

    table = lesson.table
    place = f"{table['source'][-1].as_py()}:{table['line'][-1].as_py()}"
    wrong = {"nothing": pa.array([*known[:-1], None], table["target"].type)}
    if spec.target == "text":
        pass  # any text may be one
    elif not isinstance(known[-1], list):
        wrong["'\u00a7 nonsense'"] = pa.array([*map(str, known[:-1]), "\u00a7 nonsense"])
    elif known[-1] and isinstance(known[-1][0], str):
        wrong["'\u00a7 nonsense'"] = pa.array([*known[:-1], ["\u00a7 nonsense"] * len(known[-1])])
    for what, column in wrong.items():
        changed = table.set_column(table.column_names.index("target"), "target", column)
        try:
            lesson.task.targets(changed)
        except DataError as error:
            if place not in str(error):
                raise CheckFailed(f"a wrong target must be an error that says {place}, got {told(error)}") from error
        else:
            raise CheckFailed(f"a wrong target must be a DataError, {what} among {known[:3]} was taken")


def check_state(spec: TaskSpec) -> None:
    """What was learned is JSON; restored from the folder of a run, the task reads rows and answers them as before."""
    lesson = learn(spec)
    task = lesson.task
    try:
        state = json.dumps(task.state(), allow_nan=False)
    except (TypeError, ValueError) as cause:
        raise CheckFailed(f"state must be JSON, got {told(cause)}") from cause
    with tempfile.TemporaryDirectory(prefix="kerasseq-") as name:
        folder = Path(name)
        (folder / "task.json").write_text(state, encoding="utf-8")
        task.pipeline.save(folder)
        try:
            again = spec.restore(lesson.sections, folder)
        except Exception as cause:
            rule = "a task must be restored from what its state and its pipeline say"
            raise CheckFailed(f"{rule}, got {told(cause)}, state {state[:150]}") from cause
        (before, _), (after, _) = (t.pipeline.encode(lesson.samples) for t in (task, again))
    for key, values in before.items():
        if key not in after or not np.array_equal(_numbers(values), _numbers(after[key])):
            raise CheckFailed(
                f"a restored task must read rows as before, {key} of {len(values)} rows has other numbers"
            )
    rule = f"a restored task must answer as before, state {state[:150]}"
    names = [[*(out.name for out in t.outputs), *(column.name for column in t.answer_columns)] for t in (task, again)]
    if again.outputs != task.outputs or again.answer_columns != task.answer_columns:
        raise CheckFailed(f"{rule}: got {', '.join(names[1])} or other axes in place of {', '.join(names[0])}")
    outputs = answered(spec, lesson)
    same_answers(rule, task.decode(outputs), again.decode(outputs).arrays())
