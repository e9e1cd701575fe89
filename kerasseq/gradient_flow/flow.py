"""How much of a gradient reaches each step: of each row's loss, and of the last state of each layer alone."""

# B batch, T time, U units

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from kerasseq.backend.engine import carried, given
from kerasseq.backend.gradients import gradients
from kerasseq.backend.perturbed import Call, Perturbed, every_recurrent_layer
from kerasseq.gradient_flow.measured import Layer
from kerasseq.gradient_flow.tally import Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.backend.engine import Loss
    from kerasseq.corpus.examples import Batch

__all__ = ["flow"]

SEED = 3
"""Of the directions in which the last states are asked."""


def flow(model: Any, loss: Loss, batches: Sequence[Batch]) -> tuple[float, list[Layer]]:
    """Run the network over batches as for a prediction and differentiate by every state of every step.

    A padded step has no gradient and counts nowhere. Changes nothing.

    Args:
        model: A built Keras model with dict outputs.
        loss: Loss per row.
        batches: With targets.

    Returns:
        The mean loss of the rows, and the recurrent layers in the order in which they read.
    """
    layers = dict(every_recurrent_layer(model))
    tallies: dict[str, Tally] = {}
    random = np.random.default_rng(SEED)
    losses: list[NDArray[Any]] = []
    perturbed = Perturbed(model)
    with perturbed.running():
        for batch in batches:
            rows, calls, by_loss, by_last = _batch(perturbed, loss, batch, random)
            losses.append(rows)
            for call, one, other in zip(calls, by_loss, by_last, strict=True):
                tally = tallies.setdefault(call.path, Tally(call.path, layers[call.path]))
                tally.add(call, one, other)
    return float(np.concatenate(losses).mean()), [tally.layer_of() for tally in tallies.values()]


def _batch(
    perturbed: Perturbed, loss: Loss, batch: Batch, random: np.random.Generator
) -> tuple[NDArray[Any], list[Call], list[list[NDArray[Any]]], list[list[NDArray[Any]]]]:
    """Losses of the rows, what each layer did, and the two gradients by the states of each call."""
    model, read = perturbed.model, [ops.convert_to_tensor(array) for array in given(perturbed.model, batch)]
    targets, states = ops.convert_to_tensor(batch.targets), list(carried(model))

    def run(zeros: Sequence[Sequence[Any]], alone: bool) -> Any:
        perturbed.zeros, perturbed.alone, perturbed.calls = zeros, alone, []
        outputs = model(read, training=False)
        return {name: value for name, value in outputs.items() if name not in states}

    def by_loss(flat: list[Any]) -> tuple[Any, Any]:
        outputs = run(_nested(flat, counts), alone=False)
        rows = ops.cast(loss(outputs, targets), "float32")
        return ops.sum(rows), [rows, *([*call[1:]] for call in perturbed.calls)]

    def by_last(flat: list[Any]) -> tuple[Any, Any]:
        run(_nested(flat, counts), alone=True)
        ends = [call.states[0][:, -1] for call in perturbed.calls]
        found = [ops.sum(ops.cast(end, "float32") * way) for end, way in zip(ends, ways, strict=True)]
        return sum(found[1:], found[0]), []

    counts, shapes = _shapes(perturbed, run)
    zeros = [np.zeros(shape, dtype=np.float32) for shape in shapes]
    found, (rows, *calls) = gradients(by_loss, zeros)
    paths = [call.path for call in perturbed.calls]
    known = [Call(path, *parts) for path, parts in zip(paths, calls, strict=True)]
    if not known:
        return rows, [], [], []
    ways = [ops.convert_to_tensor(_directions(call.states[0][:, -1].shape, random)) for call in known]
    others, _ = gradients(by_last, zeros)
    return rows, known, _nested(found, counts), _nested(others, counts)


def _shapes(perturbed: Perturbed, run: Any) -> tuple[list[int], list[tuple[int, ...]]]:
    """How many states each call has, and the shape of each state over all steps, `(B, T, U)`."""
    run((), alone=False)
    states = [call.states for call in perturbed.calls]
    return [len(each) for each in states], [tuple(state.shape) for each in states for state in each]


def _nested(flat: Sequence[Any], counts: Sequence[int]) -> list[list[Any]]:
    ends = np.cumsum(counts).tolist()
    return [list(flat[end - count : end]) for end, count in zip(ends, counts, strict=True)]


def _directions(shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.float32]:
    """Vectors of length 1, `(B, U)`, drawn evenly from all directions."""
    drawn = random.normal(size=shape)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=-1, keepdims=True), dtype=np.float32)
