"""Poolers that learn which words matter."""

# B batch, T time, U features of a step, A attention units, R heads

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq_poolers.layers.masked import softmax, valid_steps, zeroed

__all__ = ["GatedPooling", "SelfAttentionPooling"]

Tensor = Any
Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="kerasseq_poolers")
class SelfAttentionPooling(keras.layers.Layer):  # type: ignore[misc]
    """Several weighted means of the valid steps, end to end.

    `A = softmax(tanh(X W) V)` over the valid steps, `y = flatten(A^T X)`: Lin et al. (2017), "A Structured
    Self-Attentive Sentence Embedding", equations 6 and 7. `penalty * ||A^T A - I||^2` (8), the mean of the texts that
    have a valid step, is added to the loss.

    Args:
        heads: Number `R` of means, at least 1.
        units: Size `A` of the hidden layer, at least 1.
        penalty: Coefficient of (8), at least 0.

    Returns:
        `(y, a)`, shapes `(B, R * U)` and `(B, T)`; `a` is the mean weight of the heads, 0 at masked steps; it sums to
        1, or to 0 for an all-masked row.

    Masking: mask `(B, T)` bool, True is valid; an all-masked row gives zeros.
    """

    def __init__(self, heads: int = 4, units: int = 128, penalty: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if heads < 1 or units < 1:
            raise ValueError(f"heads and units must be at least 1. Received: heads={heads}, units={units}")
        if penalty < 0:
            raise ValueError(f"penalty must be at least 0. Received: penalty={penalty}")
        self.heads = heads
        self.units = units
        self.penalty = penalty
        self.kernel_initializer = keras.initializers.GlorotUniform()
        self.context_initializer = keras.initializers.GlorotUniform()

    def build(self, input_shape: Shape) -> None:
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        shape = (self.units, self.heads)
        self.context = self.add_weight(shape=shape, initializer=self.context_initializer, name="context")

    def call(self, x: Tensor, mask: Tensor = None) -> tuple[Tensor, Tensor]:
        valid = valid_steps(x, mask)
        x = zeroed(x, valid)
        scores = ops.matmul(ops.tanh(ops.matmul(x, self.kernel)), self.context)  # (B, T, R)
        weights = softmax(scores, valid)
        if self.penalty:
            self.add_loss(self.penalty * self._alike(weights, valid))
        means = ops.matmul(ops.transpose(weights, (0, 2, 1)), x)  # (B, R, U)
        return ops.reshape(means, (-1, self.heads * x.shape[-1])), ops.mean(weights, axis=2)

    def _alike(self, weights: Tensor, valid: Tensor) -> Tensor:
        products = ops.matmul(ops.transpose(weights, (0, 2, 1)), weights)  # (B, R, R)
        rows = ops.sum(ops.square(products - ops.eye(self.heads, dtype=weights.dtype)), axis=(1, 2))
        some = ops.cast(ops.any(valid, axis=1), rows.dtype)
        return ops.sum(rows * some) / ops.maximum(ops.sum(some), 1.0)

    def compute_output_shape(self, input_shape: Shape) -> tuple[Shape, Shape]:
        features = input_shape[2]
        return (input_shape[0], features and self.heads * features), input_shape[:2]

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> tuple[None, None]:
        return None, None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "heads": self.heads, "units": self.units, "penalty": self.penalty}


@keras.saving.register_keras_serializable(package="kerasseq_poolers")
class GatedPooling(keras.layers.Layer):  # type: ignore[misc]
    """Weighted mean of the valid steps, whose scores pass a gate.

    `s_t = (tanh(x_t V) * sigmoid(x_t U)) w`, `a = softmax(s)` over the valid steps, `y = sum_t a_t x_t`: Ilse, Tomczak
    & Welling (2018), "Attention-based Deep Multiple Instance Learning", equation 9.

    Args:
        units: Size `A` of the hidden layer and of its gate, at least 1.

    Returns:
        `(y, a)`, shapes `(B, U)` and `(B, T)`; `a` is 0 at masked steps and sums to 1, or to 0 for an all-masked row.

    Masking: mask `(B, T)` bool, True is valid; an all-masked row gives zeros.
    """

    def __init__(self, units: int = 128, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be at least 1. Received: units={units}")
        self.units = units
        self.kernel_initializer = keras.initializers.GlorotUniform()
        self.gate_initializer = keras.initializers.GlorotUniform()
        self.context_initializer = keras.initializers.GlorotUniform()

    def build(self, input_shape: Shape) -> None:
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.gate = self.add_weight(shape=shape, initializer=self.gate_initializer, name="gate")
        self.context = self.add_weight(shape=(self.units, 1), initializer=self.context_initializer, name="context")

    def call(self, x: Tensor, mask: Tensor = None) -> tuple[Tensor, Tensor]:
        valid = valid_steps(x, mask)
        x = zeroed(x, valid)
        hidden = ops.tanh(ops.matmul(x, self.kernel)) * ops.sigmoid(ops.matmul(x, self.gate))  # (B, T, A)
        weights = softmax(ops.matmul(hidden, self.context), valid)  # (B, T, 1)
        return ops.matmul(ops.transpose(weights, (0, 2, 1)), x)[:, 0], weights[..., 0]

    def compute_output_shape(self, input_shape: Shape) -> tuple[Shape, Shape]:
        return (input_shape[0], input_shape[2]), input_shape[:2]

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> tuple[None, None]:
        return None, None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
