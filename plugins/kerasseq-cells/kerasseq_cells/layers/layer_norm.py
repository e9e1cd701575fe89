"""Cells that normalise what their gates add up: Ba, Kiros & Hinton (2016), "Layer Normalization"."""

# B batch, D features in, U units

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq_cells.layers.cell import Cell, forgetting

__all__ = ["LayerNormGRUCell", "LayerNormLSTMCell"]

EPSILON = 1e-5


class _Normalised(Cell):
    def _norm(self, name: str, width: int, bias: bool) -> tuple[Any, Any]:
        gain = self.add_weight(shape=(width,), initializer="ones", name=f"{name}_gain")
        return gain, self.add_weight(shape=(width,), initializer="zeros", name=f"{name}_bias") if bias else None


@keras.saving.register_keras_serializable(package="kerasseq_cells")
class LayerNormLSTMCell(_Normalised):
    """`i, f, g, o = N(x W) + N(h U) + b`, `c' = s(f) * c + s(i) * tanh(g)`, `h' = s(o) * tanh(N(c'))`.

    Equations 20 to 22.

    `N` subtracts the mean of its argument's numbers, divides by their deviation and multiplies by a gain; that of the
    cell adds a bias as well. The forget gate's bias starts at 1.

    Args:
        units: U, at least 1.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, gates=4, states=2, first_bias=forgetting, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.of_input = self._norm("input", 4 * self.units, bias=False)
        self.of_state = self._norm("state", 4 * self.units, bias=False)
        self.of_cell = self._norm("cell", self.units, bias=True)

    def call(self, x: Any, states: Any) -> tuple[Any, list[Any]]:
        h, c = states
        gates = _normalised(ops.matmul(x, self.kernel), self.of_input)
        gates = gates + _normalised(ops.matmul(h, self.recurrent_kernel), self.of_state) + self.bias
        i, f, g, o = ops.split(gates, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(_normalised(c, self.of_cell))
        return h, [h, c]


@keras.saving.register_keras_serializable(package="kerasseq_cells")
class LayerNormGRUCell(_Normalised):
    """`z, r = s(N(x W) + N(h U))`, `n = tanh(N(x W_n) + r * N(h U_n))`, `h' = (1 - z) * h + z * n`.

    Equations 26 to 28.

    Each of the four `N` has a gain and a bias of its own, which stands for that of a gate.

    Args:
        units: U, at least 1.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, gates=3, states=1, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        names = "input_gates", "state_gates", "input_candidate", "state_candidate"
        widths = 2 * self.units, 2 * self.units, self.units, self.units
        self.norms = [self._norm(name, width, bias=True) for name, width in zip(names, widths, strict=True)]

    def call(self, x: Any, states: Any) -> tuple[Any, list[Any]]:
        h, both = states[0], 2 * self.units
        inner, outer = ops.matmul(x, self.kernel), ops.matmul(h, self.recurrent_kernel)
        gates = _normalised(inner[:, :both], self.norms[0]) + _normalised(outer[:, :both], self.norms[1])
        z, r = ops.split(ops.sigmoid(gates), 2, axis=-1)
        n = ops.tanh(_normalised(inner[:, both:], self.norms[2]) + r * _normalised(outer[:, both:], self.norms[3]))
        h = h + z * (n - h)
        return h, [h]


def _normalised(x: Any, norm: tuple[Any, Any]) -> Any:
    gain, bias = norm
    centred = x - ops.mean(x, axis=-1, keepdims=True)
    x = centred / ops.sqrt(ops.mean(ops.square(centred), axis=-1, keepdims=True) + EPSILON) * gain
    return x if bias is None else x + bias
