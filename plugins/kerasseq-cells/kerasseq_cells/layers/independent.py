"""A cell whose units do not hear each other."""

# B batch, D features in, U units

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["IndRNNCell"]


@keras.saving.register_keras_serializable(package="kerasseq_cells")
class IndRNNCell(keras.layers.Layer):  # type: ignore[misc]
    """`h' = relu(x W + u * h + b)`: Li et al. (2018), "Independently Recurrent Neural Network (IndRNN)".

    A weight `u` a unit, which starts between 0 and 1, in place of a matrix: a gradient over n steps is `u` to the n,
    for each unit by itself.

    Args:
        units: U, at least 1.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be at least 1. Received: units={units}")
        self.units = self.output_size = self.state_size = units
        self.kernel_initializer = keras.initializers.GlorotUniform()
        self.own_initializer = keras.initializers.RandomUniform(0.0, 1.0)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.own = self.add_weight(shape=(self.units,), initializer=self.own_initializer, name="own")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def call(self, x: Any, states: Any) -> tuple[Any, list[Any]]:
        h = ops.relu(ops.matmul(x, self.kernel) + self.own * states[0] + self.bias)
        return h, [h]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
