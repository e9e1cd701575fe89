"""One step of a recurrent layer as a function of its cell's weights."""

# B batch, D features, U units, G gates

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasseq.backend.products import Multiply, multiply

__all__ = ["projected", "stepped"]

Tensor = Any


def projected(cell: Any, x: Tensor, kernel: Tensor = None, times: Multiply = multiply) -> Tensor:
    """The input's part of the gates, `(..., G U)`.

    Args:
        cell: A `keras.layers.GRUCell` with `reset_after`, or an `LSTMCell`.
        x: `(..., D)`.
        kernel: The rows of the cell's kernel that read it; None for all.
        times: What multiplies.
    """
    bias = cell.bias[0] if isinstance(cell, keras.layers.GRUCell) else cell.bias
    return times(x, cell.kernel if kernel is None else kernel) + bias


def stepped(cell: Any, inner: Tensor, states: Sequence[Tensor], times: Multiply = multiply) -> list[Tensor]:
    """The states behind a step, h first.

    Args:
        cell: See `projected`.
        inner: What it gave, `(B, G U)`.
        states: h, and c of an LSTM, `(B, U)`.
        times: What multiplies.
    """
    units = cell.units
    h = states[0]
    if isinstance(cell, keras.layers.GRUCell):
        outer = times(h, cell.recurrent_kernel) + cell.bias[1]
        gates = ops.sigmoid(inner[:, : 2 * units] + outer[:, : 2 * units])
        z, r = gates[:, :units], gates[:, units:]
        new = ops.tanh(inner[:, 2 * units :] + r * outer[:, 2 * units :])
        return [new + z * (h - new)]
    gates = inner + times(h, cell.recurrent_kernel)
    opened = ops.sigmoid(gates)
    c = opened[:, units : 2 * units] * states[1] + opened[:, :units] * ops.tanh(gates[:, 2 * units : 3 * units])
    return [opened[:, 3 * units :] * ops.tanh(c), c]
