"""What the backend of this process says about a sample: outputs however the rows lie, loss, gradients, one update."""

# N rows, B batch, T time

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.tasks.task import Output
from kerasseq.trained import TrainedModel
from kerasseq.training.checkpoint import snapshot
from kerasseq.training.prediction import predict
from kerasseq.verify.arrangements import Placed, arrangements
from kerasseq.verify.sample import Sample, storable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["answers", "weight_names"]

Arrays = dict[str, "NDArray[Any]"]


def answers(trained: TrainedModel, sample: Sample) -> Arrays:
    """Named arrays; the model's weights are others afterwards.

    Returns:
        `right/logits` and so on: an output, or an answer, in an arrangement, `(N, ...)`, zeros where `right/covered` is
        False; `right/sure`: where what was chosen is no near tie; `loss`; `before/00000`, `gradient/00000`,
        `after/00000`: of each trainable weight.
    """
    found: Arrays = {}
    placed = arrangements(sample.examples)
    for name, batches in placed.items():
        outputs, covered = _outputs(trained, sample, batches)
        if name == "right":
            outputs |= _written(trained, sample)
        found |= _named(name, outputs, covered, trained)
    outputs, covered = _reordered(trained, sample)
    found |= _named("reordered", outputs, covered, trained)
    [whole] = placed["right"]
    forward = trained.engine.forward(whole.batch)
    found["loss"] = np.array(forward.loss / forward.weight)
    found |= _numbered("before", snapshot(trained.model.trainable_variables))
    found |= _numbered("gradient", trained.engine.gradients(whole.batch))
    trained.engine.train([whole.batch], training=False)
    found |= _numbered("after", snapshot(trained.model.trainable_variables))
    return found


def _written(trained: TrainedModel, sample: Sample) -> dict[str, Any]:
    """What the model writes about each row, token by token, where its task writes."""
    batch_size = trained.experiment.evaluation.batch_size
    return trained.task.written(trained.model, sample.examples.unlabelled(), batch_size)


def weight_names(trained: TrainedModel) -> list[str]:
    """Of each trainable weight, in the order of the numbers."""
    return [variable.path for variable in trained.model.trainable_variables]


def _known(trained: TrainedModel) -> dict[str, Output]:
    return {out.name: out for out in trained.task.outputs}


def _outputs(trained: TrainedModel, sample: Sample, batches: Sequence[Placed]) -> tuple[dict[str, Any], Any]:
    """Outputs of every row; those with steps are one array a row, `(T, ...)`."""
    found: dict[str, Any] = {}
    covered = np.zeros(len(sample), dtype=bool)
    known = _known(trained)
    for placed in batches:
        rows = placed.batch.rows[placed.kept]
        covered[rows] = True
        for name, values in trained.engine.forward(placed.batch).outputs.items():
            if name not in known:
                continue  # as in prediction
            if known[name].timed:
                lengths = sample.examples.steps(known[name].of)
                cut = _cut(values, lengths[placed.batch.rows], placed.left)
                shape = values.shape[2:]
                room = found.setdefault(name, [np.zeros((n, *shape), np.float32) for n in lengths])
                for row, kept, steps in zip(placed.batch.rows, placed.kept, cut, strict=True):
                    if kept:
                        room[row] = steps
                continue
            if known[name].constant:
                found[name] = values[:1]
                continue
            found.setdefault(name, np.zeros((len(sample), *values.shape[1:]), dtype=np.float32))
            found[name][rows] = values[placed.kept]
    return found, covered


def _cut(values: Any, lengths: NDArray[np.int64], left: bool) -> list[NDArray[np.float32]]:
    """The valid steps of each row of `(B, T, ...)`."""
    width = values.shape[1]
    return [
        row[width - length :] if left else row[:length]
        for row, length in zip(values, lengths.clip(max=width), strict=True)
    ]


def _reordered(trained: TrainedModel, sample: Sample) -> tuple[dict[str, Any], Any]:
    """Of the rows in another order, encoded and batched as `kerasseq predict` does."""
    batch_size = trained.experiment.evaluation.batch_size
    outputs, _ = predict(trained.engine, sample.again, trained.task, batch_size)
    back = np.argsort(sample.order)
    known = _known(trained)
    found: dict[str, Any] = {}
    for name, values in outputs.items():
        if name in known and known[name].constant:
            found[name] = values
        else:
            found[name] = [values[place] for place in back] if isinstance(values, list) else values[back]
    return found, np.ones(len(sample), dtype=bool)


def _named(arrangement: str, outputs: dict[str, Any], covered: Any, trained: TrainedModel) -> Arrays:
    """With what is answered, which an exported file says too."""
    known = _known(trained)
    said = {n: values for n, values in outputs.items() if n in known and not known[n].constant}  # those are of weights
    if outputs:  # no group of equal length may be there
        predictions = trained.task.decode(outputs)
        said = {**said, **predictions.arrays(), "sure": predictions.sure()}
    said["covered"] = covered
    return {f"{arrangement}/{name}": storable(values) for name, values in said.items()}


def _numbered(group: str, arrays: Sequence[Any]) -> Mapping[str, Any]:
    return {f"{group}/{number:05d}": array for number, array in enumerate(arrays)}
