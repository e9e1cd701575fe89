"""A block of self-attention."""

# B batch, T time, D features in, U units, R heads, H hidden

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

__all__ = ["TransformerBlock"]

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="kerasseq_cells")
class TransformerBlock(keras.layers.Layer):  # type: ignore[misc]
    """`x = N(x + attend(x))`, `y = N(x + V relu(W x))`: the encoder of Vaswani et al. (2017), "Attention Is All You
    Need", section 3.1, once, on `W_0 x` and the sines and cosines of its section 3.5.

    `attend` gives `softmax(q k^T / sqrt(U / R)) v` of R heads side by side, times a matrix.

    Args:
        units: U, even, and a multiple of `heads`.
        heads: R, at least 1.
        hidden: H, at least 1.
        dropout: Rate in [0, 1) behind the attention and behind the dense layers.

    Returns:
        `(B, T, U)`.

    Masking: mask `(B, T)` bool, True is valid; nobody looks at a masked step. An all-masked row gives finite numbers.
    """

    def __init__(self, units: int, heads: int, hidden: int, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if heads < 1 or hidden < 1 or units < 2 or units % 2 or units % heads:
            raise ValueError(
                "units must be even and a multiple of heads, heads and hidden at least 1. "
                f"Received: units={units}, heads={heads}, hidden={hidden}"
            )
        self.units, self.heads, self.hidden, self.rate = units, heads, hidden, dropout
        self.supports_masking = True
        dense = keras.layers.Dense
        self.enter, self.query = dense(units, name="enter"), dense(units, name="query")
        self.key, self.value = dense(units, name="key"), dense(units, name="value")
        self.join, self.widen = dense(units, name="join"), dense(hidden, activation="relu", name="widen")
        self.narrow = dense(units, name="narrow")
        self.norms = [keras.layers.LayerNormalization(epsilon=1e-5, name=f"norm_{n}") for n in (1, 2)]
        self.dropouts = [keras.layers.Dropout(dropout, name=f"dropout_{n}") for n in (1, 2)]

    def build(self, input_shape: Shape) -> None:
        self.enter.build(input_shape)
        inner = (*input_shape[:2], self.units)
        for layer in (self.query, self.key, self.value, self.join, self.widen, *self.norms, *self.dropouts):
            layer.build(inner)
        self.narrow.build((*input_shape[:2], self.hidden))

    def call(self, x: Any, mask: Any = None, training: bool = False) -> Any:
        x = self.enter(x)
        x = x + self._places(x, mask)
        x = self.norms[0](x + self.dropouts[0](self._attend(x, mask), training=training))
        return self.norms[1](x + self.dropouts[1](self.narrow(self.widen(x)), training=training))

    def _attend(self, x: Any, mask: Any) -> Any:
        query, key, value = (self._heads(layer(x)) for layer in (self.query, self.key, self.value))
        query = query / math.sqrt(self.units / self.heads)
        scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2)))  # (B, R, T, T)
        if mask is not None:
            scores = ops.where(mask[:, None, None, :], scores, -1e9)  # finite: a row may have no valid step
        # ops.softmax warns of texts of one word
        powers = ops.exp(scores - ops.stop_gradient(ops.amax(scores, axis=-1, keepdims=True)))
        weights = powers / ops.sum(powers, axis=-1, keepdims=True)
        joined = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))
        return self.join(ops.reshape(joined, (-1, ops.shape(x)[1], self.units)))

    def _heads(self, x: Any) -> Any:
        """`(B, T, U)` -> `(B, R, T, U / R)`."""
        parts = ops.reshape(x, (-1, ops.shape(x)[1], self.heads, self.units // self.heads))
        return ops.transpose(parts, (0, 2, 1, 3))

    def _places(self, x: Any, mask: Any) -> Any:
        """`(B, T, U)`: sines of each place, then cosines, of wave lengths from 2 pi to 20,000 pi; valid steps count.

        In float32 under every policy: bfloat16 has no whole number between 256 and 258.
        """
        counted = ops.ones_like(x[:, :, 0], dtype="float32") if mask is None else ops.cast(mask, "float32")
        half = self.units // 2
        rates = ops.exp(ops.arange(half, dtype="float32") * (-math.log(10_000) / half))
        angles = (ops.cumsum(counted, axis=1) - 1)[:, :, None] * rates  # (B, T, U / 2)
        return ops.cast(ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1), x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:2], self.units)

    def get_config(self) -> dict[str, Any]:
        settings = {"units": self.units, "heads": self.heads, "hidden": self.hidden, "dropout": self.rate}
        return {**super().get_config(), **settings}
