"""What the cells share."""

# B batch, D features in, U units, G gates

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["Cell", "forgetting"]


def forgetting(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """The first bias `(4 U,)` of gates i, f, g, o: 1 for the forget gate, else 0."""
    units = shape[0] // 4
    zeros = ops.zeros((units,), dtype)
    return ops.concatenate([zeros, ops.ones((units,), dtype), zeros, zeros])


class Cell(keras.layers.Layer):  # type: ignore[misc]
    """A cell for `keras.layers.RNN`: the weights W, U and b of some gates, side by side.

    Called with `(B, D)` and its states, `(B, U)` each, h first; gives h and the new states. Masking is `RNN`'s: a
    masked step leaves the states as they are.

    Args:
        units: U, at least 1.
        gates: G.
        states: How many.
        first_bias: What b is at first; None for no b.
    """

    def __init__(self, units: int, gates: int, states: int, first_bias: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be at least 1. Received: units={units}")
        self.units = self.output_size = units
        self.state_size = [units] * states
        self._gates = gates
        self._first_bias = first_bias
        self.kernel_initializer = keras.initializers.GlorotUniform()
        self.recurrent_initializer = keras.initializers.Orthogonal()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = self._gates * self.units
        shape = (input_shape[-1], width)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        shape = (self.units, width)
        self.recurrent_kernel = self.add_weight(
            shape=shape, initializer=self.recurrent_initializer, name="recurrent_kernel"
        )
        if self._first_bias is not None:
            self.bias = self.add_weight(shape=(width,), initializer=self._first_bias, name="bias")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
