"""An LSTM whose products are convolutions over the numbers of a step."""

# B batch, D numbers of a step, F filters

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq_cells.layers.cell import forgetting

__all__ = ["ConvLSTMCell"]


@keras.saving.register_keras_serializable(package="kerasseq_cells")
class ConvLSTMCell(keras.layers.Layer):  # type: ignore[misc]
    """`i, f, g, o = W * x + U * h + b`, `c' = s(f) . c + s(i) . tanh(g)`, `h' = s(o) . tanh(c')`, where `*` is a
    convolution over the D numbers of a step, with zeros around them: Shi et al. (2015), "Convolutional LSTM Network",
    without peepholes.

    The states are `(B, D F)`: F numbers at each of D places. The forget gate's bias starts at 1.

    Args:
        filters: F, at least 1.
        window: Neighbours that are seen at once, at least 1.
    """

    def __init__(self, filters: int, window: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if filters < 1 or window < 1:
            raise ValueError(f"filters and window must be at least 1. Received: filters={filters}, window={window}")
        self.filters = filters
        self.window = window
        self.state_size: Any = [filters, filters]  # known once built
        self.kernel_initializer = keras.initializers.GlorotUniform()
        self.recurrent_initializer = keras.initializers.GlorotUniform()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.places = int(input_shape[-1] or 0)
        self.output_size = self.places * self.filters
        self.state_size = [self.output_size, self.output_size]
        shape = (self.window, 1, 4 * self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        shape = (self.window, self.filters, 4 * self.filters)
        self.recurrent_kernel = self.add_weight(
            shape=shape, initializer=self.recurrent_initializer, name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(4 * self.filters,), initializer=forgetting, name="bias")

    def call(self, x: Any, states: Any) -> tuple[Any, list[Any]]:
        h, c = (ops.reshape(state, (-1, self.places, self.filters)) for state in states)
        inner = ops.conv(ops.expand_dims(x, -1), self.kernel, padding="same", data_format="channels_last")
        gates = (
            inner + ops.conv(h, self.recurrent_kernel, padding="same", data_format="channels_last") + self.bias
        )  # (B, D, 4 F)
        i, f, g, o = ops.split(gates, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        h, c = (ops.reshape(state, (-1, self.output_size)) for state in (h, c))
        return h, [h, c]

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """Zeros."""
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters, "window": self.window}
