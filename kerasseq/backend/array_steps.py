"""One step of recurrent layers in NumPy: for a few rows at a time, less work than asking a framework."""

# R rows, D features, U units, V vocabulary

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from kerasseq.backend.functional import calls

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ArraySteps"]

Array = Any
Step = Callable[[Array, list[Array]], tuple[Array, ...]]

PLAIN = ("Embedding", "NotEqual", "Cast", "ExpandDims", "Multiply", "Dropout", "LSTM", "GRU", "SimpleRNN")
"""What the part of a model that reads may consist of: a table, zeros at padding, and recurrent layers."""

KEPT = 1 << 24
"""Numbers of the table behind the first layer's kernel that are kept, at the most: 64 MB."""


class ArraySteps:
    """`steps(ids, states)`: `(R,)` ids and states by their names to the last layer's answer `(R, U)` and new states.

    Args:
        reader: What `step_model` gave, of which `covers` is true.
    """

    def __init__(self, reader: Any) -> None:
        layers = [node.operation for node in calls(reader)]
        [table] = [layer for layer in layers if isinstance(layer, keras.layers.Embedding)]
        self.layers = [layer for layer in layers if _is_recurrent(layer)]
        self.names = [[f"{layer.name}_{state}" for state in _states(layer)] for layer in self.layers]
        self.table: Array = _array(table.embeddings)
        self.steps = [_step(layer) for layer in self.layers]
        self.kernels = [_array(layer.cell.kernel) for layer in self.layers]
        self.projected = len(self.table) * self.kernels[0].shape[1] <= KEPT
        if self.projected:
            self.table = self.table @ self.kernels[0]

    @staticmethod
    def covers(reader: Any) -> bool:
        """Whether the model is one table and recurrent layers one above the other, with the usual functions."""
        nodes = [node.operation for node in calls(reader)]
        tables = sum(isinstance(one, keras.layers.Embedding) for one in nodes)
        recurrent = [one for one in nodes if _is_recurrent(one)]
        plain = all(type(one).__name__ in PLAIN and type(one).__module__.startswith("keras.") for one in nodes)
        return plain and tables == 1 and bool(recurrent) and all(map(_usual, recurrent))

    def __call__(self, ids: NDArray[np.int64], states: Mapping[str, Array]) -> tuple[Array, dict[str, Array]]:
        x = self.table[ids]
        ended: dict[str, Array] = {}
        for number, (kernel, step, names) in enumerate(zip(self.kernels, self.steps, self.names, strict=True)):
            after = step(x if self.projected and not number else x @ kernel, [states[name] for name in names])
            ended |= zip(names, after, strict=True)
            x = after[0]
        return x, ended


def _is_recurrent(layer: Any) -> bool:
    return isinstance(layer, keras.layers.LSTM | keras.layers.GRU | keras.layers.SimpleRNN)


def _states(layer: Any) -> str:
    return "hc" if isinstance(layer, keras.layers.LSTM) else "h"


def _usual(layer: Any) -> bool:
    gate = getattr(layer, "recurrent_activation", keras.activations.sigmoid)
    return bool(
        layer.activation is keras.activations.tanh
        and gate is keras.activations.sigmoid
        and not layer.go_backwards
        and layer.compute_dtype == "float32"
        and layer.use_bias
        and (not isinstance(layer, keras.layers.GRU) or layer.reset_after)
    )


def _array(variable: Any) -> Array:
    return np.ascontiguousarray(keras.ops.convert_to_numpy(variable), dtype=np.float32)


def _step(layer: Any) -> Step:
    """From the projected input `(R, G U)` and the states to the new states, h first."""
    from scipy.special import expit

    recurrent, bias, units = _array(layer.cell.recurrent_kernel), _array(layer.cell.bias), layer.units

    def lstm(x: Array, states: list[Array]) -> tuple[Array, ...]:
        h, c = states
        gates = x + h @ recurrent + bias
        opened = expit(gates)
        c = opened[:, units : 2 * units] * c + opened[:, :units] * np.tanh(gates[:, 2 * units : 3 * units])
        return opened[:, 3 * units :] * np.tanh(c), c

    def gru(x: Array, states: list[Array]) -> tuple[Array, ...]:
        [h] = states
        inner, outer = x + bias[0], h @ recurrent + bias[1]
        gates = expit(inner[:, : 2 * units] + outer[:, : 2 * units])
        z = gates[:, :units]
        new = np.tanh(inner[:, 2 * units :] + gates[:, units:] * outer[:, 2 * units :])
        return (new + z * (h - new),)

    def simple(x: Array, states: list[Array]) -> tuple[Array, ...]:
        return (np.tanh(x + states[0] @ recurrent + bias),)

    if isinstance(layer, keras.layers.LSTM):
        return lstm
    return gru if isinstance(layer, keras.layers.GRU) else simple
