"""Softmax over the valid steps of a text."""

# B batch, T time

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.beside import number

__all__ = ["lowest", "masked_softmax"]

Tensor = Any


def masked_softmax(scores: Tensor, mask: Tensor, axis: int) -> Tensor:
    """Softmax over an axis; not `ops.softmax`, which warns at T = 1 and has no row without a valid step.

    Args:
        scores: `(B, T)`, or with more axes.
        mask: Bool, of their shape or spread to it, True is valid; None where every step is.
        axis: Which.

    Returns:
        Weights of the shape of the scores, 0 at masked steps; they sum to 1, or to 0 where no step is valid.
    """
    if mask is not None:
        scores = ops.where(mask, scores, lowest(scores))
    powers = ops.exp(scores - ops.stop_gradient(ops.amax(scores, axis=axis, keepdims=True)))
    if mask is not None:
        powers = ops.where(mask, powers, ops.zeros_like(powers))
    total = ops.sum(powers, axis=axis, keepdims=True)  # at least 1 where a step is valid
    return powers / ops.where(total > 0, total, ops.ones_like(total))


def lowest(x: Tensor) -> Tensor:
    """A number below every other of its type, but finite: minus infinity gives NaN where nothing is valid."""
    value = -65504.0 if keras.backend.standardize_dtype(x.dtype) == "float16" else -3e38
    there = number(value, x)
    return ops.cast(value, x.dtype) if there is value else there
