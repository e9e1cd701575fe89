"""Losses of numbers and of distributions."""

# B batch, K classes

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from keras import ops

__all__ = ["cross_entropy", "distance"]

TINY = float(np.finfo(np.float32).tiny)


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


def cross_entropy(logits: Any, shares: Any, temperature: float = 1.0) -> Any:
    """How far the answers are from distributions, `(B,)`: their cross-entropy.

    With a temperature `t` both are softened, as a softmax of logits divided by `t` is, and the loss is multiplied by
    `t^2`, so that its gradient stays of the same size (Hinton et al., 2015, "Distilling the knowledge in a neural
    network").

    Args:
        logits: `(B, K)`.
        shares: `(B, K)`, each row with sum 1.
        temperature: Above 0.
    """
    if temperature != 1:
        logs = ops.log(ops.maximum(shares, TINY)) / temperature
        shares = ops.softmax(ops.where(shares > 0, logs, -np.inf), axis=-1)
        logits = logits / temperature
    return -ops.sum(shares * ops.log_softmax(logits, axis=-1), axis=-1) * temperature**2
