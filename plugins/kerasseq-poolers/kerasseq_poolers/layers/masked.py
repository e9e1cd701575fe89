"""Arithmetic that never looks at a masked step."""

# B batch, T time, U features of a step, R heads

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["closed", "lowest", "softmax", "valid_steps", "zeroed"]

Tensor = Any


def valid_steps(x: Tensor, mask: Tensor) -> Tensor:
    """The mask, or `(B, T)` of True where there is none."""
    return ops.ones(ops.shape(x)[:2], dtype="bool") if mask is None else mask


def zeroed(x: Tensor, mask: Tensor) -> Tensor:
    """Zeros at masked steps by selection: a product would let a NaN through."""
    return ops.where(mask[:, :, None], x, ops.zeros_like(x))


def closed(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The valid steps `(B, T, U)` one behind another from the first place, zeros behind them; their number, `(B, 1)`
    int32."""
    total = ops.sum(ops.cast(mask, "int32"), axis=1, keepdims=True)
    steps = ops.arange(ops.shape(x)[1], dtype="int32")[None, :]  # (1, T)
    order = ops.argsort(ops.where(mask, steps, steps + ops.shape(x)[1]), axis=1)  # (B, T)
    x = ops.take_along_axis(zeroed(x, mask), ops.cast(order, "int32")[:, :, None], axis=1)
    return x, total


def lowest(x: Tensor) -> float:
    """A number below every other of its type, but finite: minus infinity gives NaN where nothing is valid."""
    return -65504.0 if keras.backend.standardize_dtype(x.dtype) == "float16" else -3e38


def softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax of `(B, T, R)` over the valid steps; zeros at masked steps, so also for an all-masked row."""
    truth = mask[:, :, None]
    scores = ops.where(truth, scores, lowest(scores))
    # On torch ops.max refuses a batch without rows, ops.amax does not
    powers = ops.exp(scores - ops.stop_gradient(ops.amax(scores, axis=1, keepdims=True)))
    powers = ops.where(truth, powers, ops.zeros_like(powers))
    total = ops.sum(powers, axis=1, keepdims=True)  # (B, 1, R), at least 1 where a step is valid
    return powers / ops.where(total > 0, total, ops.ones_like(total))
