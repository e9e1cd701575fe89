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
        self.projections = [_projection(layer) for layer in self.layers]
        kernel, bias = self.projections[0]
        self.projected = len(self.table) * kernel.shape[1] <= KEPT
        if self.projected:
            self.table = self.table @ kernel + bias

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
        for number, ((kernel, bias), step, names) in enumerate(
            zip(self.projections, self.steps, self.names, strict=True)
        ):
            after = step(x if self.projected and not number else x @ kernel + bias, [states[name] for name in names])
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
    """From the projected input `(R, G U)`, with its bias, and the states to the new states, h first.

    sigmoid(x) is (1 + tanh(x / 2)) / 2, so all gates of an LSTM cost one pass of tanh, see `_halved`.
    """
    recurrent, units = _array(layer.cell.recurrent_kernel), layer.units

    def lstm(x: Array, states: list[Array]) -> tuple[Array, ...]:
        h, c = states
        gates = h @ halved
        gates += x
        np.tanh(gates, out=gates)
        new = gates[:, 2 * units : 3 * units]
        opened = gates * 0.5
        opened += 0.5
        c = opened[:, units : 2 * units] * c
        c += opened[:, :units] * new
        h = np.tanh(c)
        h *= opened[:, 3 * units :]
        return h, c

    def gru(x: Array, states: list[Array]) -> tuple[Array, ...]:
        [h] = states
        outer = h @ halved
        outer += bias
        gates = x[:, : 2 * units] + outer[:, : 2 * units]
        np.tanh(gates, out=gates)
        gates *= 0.5
        gates += 0.5
        new = gates[:, units:] * outer[:, 2 * units :]
        new += x[:, 2 * units :]
        np.tanh(new, out=new)
        return (new + gates[:, :units] * (h - new),)

    def simple(x: Array, states: list[Array]) -> tuple[Array, ...]:
        new = states[0] @ recurrent
        new += x
        return (np.tanh(new, out=new),)

    if isinstance(layer, keras.layers.SimpleRNN):
        return simple
    halved = _halved(layer, recurrent)
    if isinstance(layer, keras.layers.LSTM):
        return lstm
    bias = _halved(layer, _array(layer.cell.bias)[1])
    return gru


def _halved(layer: Any, numbers: Array) -> Array:
    """Numbers `(..., G U)` of a layer with those of its gates halved, which costs no digit."""
    if isinstance(layer, keras.layers.SimpleRNN):
        return numbers
    halves = np.full(numbers.shape[-1], 0.5, dtype=np.float32)
    first = 2 * layer.units  # i f c o, or z r h
    halves[first : first + layer.units] = 1
    return np.ascontiguousarray(numbers * halves)


def _projection(layer: Any) -> tuple[Array, Array]:
    """Kernel and bias of what a layer makes of its input."""
    bias = _array(layer.cell.bias)
    return _halved(layer, _array(layer.cell.kernel)), _halved(layer, bias[0] if bias.ndim == 2 else bias)
