"""The end of a training whose numbers are none any more: where, of which rows, and in which layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.backend.engine import Step
from kerasseq.errors import RunError
from kerasseq.training.checkpoint import snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Diverged", "diverged", "diverged_at"]

NAMED = 3
"""Weights that a message names."""


class Diverged(RunError):
    """A loss or a gradient is not finite.

    Args:
        message: What, where, and what to do.
        rows: The training rows of the update, by their numbers; none where it was no update.
    """

    def __init__(self, message: str, rows: Sequence[NDArray[np.int64]] = ()) -> None:
        super().__init__(message)
        self.rows = rows


def diverged(what: str, got: str, where: str, rows: Sequence[NDArray[np.int64]] = ()) -> Diverged:
    """What to raise.

    Args:
        what: `"loss"`.
        got: Its value.
        where: Epoch and update.
        rows: See `Diverged`.
    """
    hint = "lower training.learning_rate or training.global_clipnorm"
    return Diverged(f"training: {what} must stay finite, got {got} in {where}; {hint}", rows)


def diverged_at(step: Step, where: str, model: Any, rows: Sequence[NDArray[np.int64]]) -> Diverged:
    """What to raise for an update that was not done; a note has the norms of each layer.

    Args:
        step: Its loss, and the norms of its gradient.
        where: Epoch and update.
        model: With the weights that gave it.
        rows: See `Diverged`.
    """
    got = f"{step.loss} (gradient norm {step.gradient_norm})"
    names = [variable.path for variable in model.trainable_variables]
    wrong = [name for name, norm in zip(names, step.norms, strict=True) if not math.isfinite(norm)]
    if wrong:
        more = f" and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        where += f", where the gradient of {', '.join(wrong[:NAMED])}{more} is not finite"
    stop = diverged("loss", got, where, rows)
    stop.add_note(f"norms of weights, gradient: {'; '.join(_by_layer(model, step.norms))}")
    return stop


def _by_layer(model: Any, norms: Sequence[float]) -> list[str]:
    """`logits 1.2, nan` of each layer with weights, in the order of the model."""
    squares: dict[str, tuple[float, float]] = {}
    variables = model.trainable_variables
    for variable, values, norm in zip(variables, snapshot(variables), norms, strict=True):
        layer = variable.path.rpartition("/")[0]
        size, slope = squares.get(layer, (0.0, 0.0))
        squares[layer] = size + float(np.square(values, dtype=np.float64).sum()), slope + norm * norm
    return [f"{layer} {math.sqrt(size):.3g}, {math.sqrt(slope):.3g}" for layer, (size, slope) in squares.items()]
