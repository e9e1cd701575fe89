"""What the backend of this process says about a sample: outputs however the texts lie, loss, gradients, one update."""

# N texts, B batch, T time

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.trained import TrainedModel
from kerasseq.training.checkpoint import snapshot
from kerasseq.training.prediction import predict
from kerasseq.verify.arrangements import Placed, arrangements, shuffled
from kerasseq.verify.sample import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["answers", "weight_names"]

Arrays = dict[str, "NDArray[Any]"]


def answers(trained: TrainedModel, sample: Sample) -> Arrays:
    """Named arrays; the model's weights are others afterwards.

    Returns:
        `right/logits` and so on: an output in an arrangement, `(N, ...)`, zeros where `right/covered` is False;
        `loss`; `before/00000`, `gradient/00000`, `after/00000`: of each trainable weight.
    """
    found: Arrays = {}
    for name, batches in arrangements(sample).items():
        outputs, covered = _outputs(trained, sample, batches)
        found |= _named(name, outputs, covered, trained)
    outputs, covered = _reordered(trained, sample)
    found |= _named("reordered", outputs, covered, trained)
    [whole] = arrangements(sample)["right"]
    forward = trained.engine.forward(whole.batch)
    found["loss"] = np.array(forward.loss / forward.weight)
    found |= _numbered("before", snapshot(trained.model.trainable_variables))
    found |= _numbered("gradient", trained.engine.gradients(whole.batch))
    trained.engine.train([whole.batch], training=False)
    found |= _numbered("after", snapshot(trained.model.trainable_variables))
    return found


def weight_names(trained: TrainedModel) -> list[str]:
    """Of each trainable weight, in the order of the numbers."""
    return [variable.path for variable in trained.model.trainable_variables]


def _outputs(trained: TrainedModel, sample: Sample, batches: Sequence[Placed]) -> tuple[Arrays, NDArray[np.bool_]]:
    found: Arrays = {}
    covered = np.zeros(len(sample), dtype=bool)
    for placed in batches:
        rows = placed.batch.rows[placed.kept]
        covered[rows] = True
        for name, values in trained.engine.forward(placed.batch).outputs.items():
            if name.startswith("attention"):
                values = _aligned(values, _lengths(sample, name)[placed.batch.rows], placed.left, _room(sample, name))
            found.setdefault(name, np.zeros((len(sample), *values.shape[1:]), dtype=np.float32))
            found[name][rows] = values[placed.kept]
    return found, covered


def _reordered(trained: TrainedModel, sample: Sample) -> tuple[Arrays, NDArray[np.bool_]]:
    """From texts in another order, by the road that `kerasseq predict` takes."""
    order = shuffled(len(sample))
    inputs, _ = trained.text.encode(sample.texts.take(order.tolist()))
    corpus = EncodedCorpus(inputs, sample.targets[order], np.ones(len(order), dtype=np.float32))
    outputs, _ = predict(trained.engine, corpus, trained.experiment.evaluation.batch_size)
    found: Arrays = {}
    for name, values in outputs.items():
        if name.startswith("attention"):
            room = _room(sample, name)
            values = np.stack([np.pad(row, (0, room - len(row))) for row in values])
        found[name] = np.empty_like(values)
        found[name][order] = values
    return found, np.ones(len(sample), dtype=bool)


def _aligned(values: Any, lengths: NDArray[np.int64], left: bool, room: int) -> NDArray[np.float32]:
    """The weights of the tokens `(B, T)` alone, from the first column on; zeros behind them."""
    found = np.zeros((len(values), room), dtype=np.float32)
    for row, length in enumerate(lengths.clip(max=values.shape[1])):
        start = values.shape[1] - length if left else 0
        found[row, :length] = values[row, start : start + length]
    return found


def _lengths(sample: Sample, name: str) -> NDArray[np.int64]:
    return sample.inputs[1 if name.endswith("_2") else 0].lengths


def _room(sample: Sample, name: str) -> int:
    return int(_lengths(sample, name).max(initial=0))


def _named(arrangement: str, outputs: Arrays, covered: NDArray[np.bool_], trained: TrainedModel) -> Arrays:
    """With the probability of each class and the likeliest one, which an exported file says too."""
    if trained.task.labels:
        decoded = trained.task.decode(outputs)
        outputs = outputs | {"probabilities": decoded.probabilities, "label": decoded.answers}
    return {f"{arrangement}/{name}": values for name, values in (outputs | {"covered": covered}).items()}


def _numbered(group: str, arrays: Sequence[Any]) -> Mapping[str, Any]:
    return {f"{group}/{number:05d}": array for number, array in enumerate(arrays)}
