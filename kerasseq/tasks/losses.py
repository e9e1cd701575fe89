"""Losses of numbers."""

from __future__ import annotations

from typing import Any, Literal

from keras import ops

__all__ = ["distance"]


def distance(error: Any, loss: Literal["mae", "mse", "huber"]) -> Any:
    """How far each number is off: `|e|`, `e^2`, or of Huber (1964), with a delta of 1, `e^2 / 2` up to it.

    Args:
        error: Differences, of any shape.
        loss: Which.
    """
    error = ops.absolute(error)
    if loss == "mae":
        return error
    if loss == "mse":
        return ops.square(error)
    return ops.where(error <= 1, 0.5 * ops.square(error), error - 0.5)
