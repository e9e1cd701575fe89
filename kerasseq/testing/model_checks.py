"""What holds for the model of a task: its outputs, its padding, its loss."""

# B batch, T time

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.corpus.examples import MASK, NO_TARGET
from kerasseq.spec import TaskSpec
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed
from kerasseq.testing.implicit import check_explicit
from kerasseq.testing.network import array, build, shake
from kerasseq.testing.task import Lesson, as_lists, learn, outputs_of, whole_batch
from kerasseq.verify.arrangements import EXTRA, arrangements

if TYPE_CHECKING:
    from kerasseq.corpus.examples import Batch

__all__ = ["check_loss", "check_outputs", "check_padding_invariance"]

FURTHER = 5
"""Steps that are padded more."""


def check_outputs(spec: TaskSpec) -> None:
    """The model has the outputs that the task says, and their axes are those that it says."""
    from kerasseq.backend.engine import carried

    lesson, model = learn(spec), build(spec)
    task = lesson.task
    states = carried(model)
    said = {name: tuple(tensor.shape) for name, tensor in model.output.items() if name not in states}
    wanted = {out.name: out.shape for out in task.outputs if not out.optional or out.name in said}
    if said != wanted:
        raise CheckFailed(f"outputs must say what build_model gives, {said}, got {wanted}")
    batch = whole_batch(lesson.examples)
    found = outputs_of(lesson, model, batch)
    for out in (out for out in task.outputs if out.name in said):
        if out.timed and out.of not in batch.inputs:
            raise CheckFailed(
                f"the steps of {out.name} must be those of an input, {', '.join(batch.inputs)}, got {out.of}"
            )
        if out.name not in found:
            continue
        value = found[out.name]
        steps = batch.inputs[out.of].shape[1] if out.timed else 0
        shape = tuple({"batch": len(lesson.examples), "time": steps}.get(str(axis), axis) for axis in out.axes)
        if value.shape != shape:
            raise CheckFailed(f"the output {out.name} must have the axes {out.axes}, {shape} here, got {value.shape}")
        if value.dtype != np.float32 or not np.isfinite(value).all():
            raise CheckFailed(f"the output {out.name} {value.shape} must be finite float32, got {value.dtype}")


def check_padding_invariance(spec: TaskSpec) -> None:
    """More padding, and padding on the left, change nothing; no layer relies on a mask that Keras passes on."""
    lesson, model = learn(spec), build(spec)
    shake(model)
    placed = {name: batches[0].batch for name, batches in arrangements(lesson.examples).items() if batches}
    changed = {f"{EXTRA} more steps": placed["extra"], "padding on the left": placed["left"]}
    said = partial(_said, lesson)
    check_explicit(spec, model, said, changed.values())
    wanted = said(model, placed["right"])
    for how, batch in changed.items():
        got = said(model, batch)
        for name in wanted:
            same(f"padding must not change the {name}, {how} do", wanted[name], got[name])


def _said(lesson: Lesson, model: Any, batch: Batch) -> dict[str, Any]:
    """The outputs, the valid steps of all rows end to end."""
    found = as_lists(lesson, outputs_of(lesson, model, batch), batch.inputs)
    return {name: np.concatenate(values) if isinstance(values, list) else values for name, values in found.items()}


def check_loss(spec: TaskSpec) -> None:
    """The loss is one finite number for each row, which hangs on no other row and on no padding."""
    lesson, model = learn(spec), build(spec)
    examples, count = lesson.examples, len(lesson.examples)
    batch = whole_batch(examples)
    outputs = outputs_of(lesson, model, batch)
    truth: Any = batch.targets
    whole = _loss(lesson, outputs, truth)
    if whole.shape != (count,) or not np.isfinite(whole).all():
        raise CheckFailed(f"the loss must be a finite number for each of {count} rows, got shape {whole.shape}")
    for row in range(count):
        one = slice(row, row + 1)
        alone = _loss(lesson, {name: value[one] for name, value in outputs.items()}, truth[one])
        same(f"the loss of a row must hang on no other row, that of row {row} does", whole[one], alone)
    padded = _loss(lesson, *_padded(lesson, outputs, batch))
    same("the loss of a row must not hang on what an output says at padded steps", whole, padded)
    more = examples.batch(np.arange(count), size=count + 1)
    if more.targets is not None and not np.isfinite(_loss(lesson, outputs_of(lesson, model, more), more.targets)).all():
        raise CheckFailed(
            "the loss of a row of padding, which fills a batch up, must be finite too, for it is multiplied by 0"
        )


def _loss(lesson: Lesson, outputs: dict[str, Any], targets: Any) -> Any:
    from keras import ops

    given = {name: ops.convert_to_tensor(value) for name, value in outputs.items()}
    return array(lesson.task.loss(given, ops.convert_to_tensor(targets)))


def _padded(lesson: Lesson, outputs: dict[str, Any], batch: Batch) -> tuple[dict[str, Any], Any]:
    """Outputs with numbers of some size at padded steps, of which there are `FURTHER` more, and targets that fit."""
    random = np.random.default_rng(5)
    timed = {out.name: out.of for out in lesson.task.outputs if out.timed}
    found = dict(outputs)
    for name in set(timed) & set(outputs):
        steps = batch.inputs.get(timed[name] + MASK, batch.inputs[timed[name]]) != 0  # (B, T)
        value = np.pad(outputs[name], _behind(outputs[name]))
        valid = np.pad(steps, _behind(steps)).reshape(*value.shape[:2], *(1 for _ in value.shape[2:]))
        found[name] = np.where(valid, value, 10 * random.normal(size=value.shape)).astype(np.float32)
    targets: Any = batch.targets
    if timed.keys() & outputs.keys() and targets.ndim > 1:
        targets = np.pad(targets, _behind(targets), constant_values=NO_TARGET)
    return found, targets


def _behind(value: Any) -> list[tuple[int, int]]:
    return [(0, 0), (0, FURTHER), *((0, 0) for _ in value.shape[2:])]
