"""An LSTM whose gates see the cell."""

# B batch, D features in, U units

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq_cells.layers.cell import Cell, forgetting

__all__ = ["PeepholeLSTMCell"]


@keras.saving.register_keras_serializable(package="kerasseq_cells")
class PeepholeLSTMCell(Cell):
    """`i = s(W_i x + U_i h + p_i * c + b_i)`, `f` likewise, `c' = f * c + i * tanh(W_g x + U_g h + b_g)`,
    `o = s(W_o x + U_o h + p_o * c' + b_o)`, `h' = o * tanh(c')`: Gers, Schraudolph & Schmidhuber (2002), "Learning
    Precise Timing with LSTM Recurrent Networks".

    The gates stand as i, f, g, o; the forget gate's bias starts at 1, peepholes at 0.

    Args:
        units: U, at least 1.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, gates=4, states=2, first_bias=forgetting, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.peepholes = self.add_weight(shape=(3, self.units), initializer="zeros", name="peepholes")  # i, f, o

    def call(self, x: Any, states: Any) -> tuple[Any, list[Any]]:
        h, c = states
        gates = ops.matmul(x, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        i, f, g, o = ops.split(gates, 4, axis=-1)
        i = ops.sigmoid(i + self.peepholes[0] * c)
        f = ops.sigmoid(f + self.peepholes[1] * c)
        c = f * c + i * ops.tanh(g)
        h = ops.sigmoid(o + self.peepholes[2] * c) * ops.tanh(c)
        return h, [h, c]
