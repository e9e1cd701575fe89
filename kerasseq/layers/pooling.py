"""Poolers: many vectors to one, never looking at a masked step."""

# B batch, T time, U features of a step, A attention units

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.beside import number
from kerasseq.backend.masked import masked_mean, masked_sum, zeroed
from kerasseq.layers.softmax import lowest, masked_softmax

__all__ = ["AttentionPooling", "LastPooling", "MaxPooling", "MeanPooling", "SumPooling"]

Tensor = Any


@keras.saving.register_keras_serializable(package="kerasseq")
class SumPooling(keras.layers.Layer):  # type: ignore[misc]
    """Sum of the valid steps.

    Shapes: `(B, T, U)` -> `(B, U)`.

    Masking: mask `(B, T)` bool, True is valid; an all-masked row gives zeros.
    """

    def call(self, x: Tensor, mask: Tensor = None) -> Tensor:
        return ops.sum(x, axis=1) if mask is None else masked_sum(x, mask)

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None


@keras.saving.register_keras_serializable(package="kerasseq")
class MeanPooling(keras.layers.Layer):  # type: ignore[misc]
    """Mean of the valid steps.

    Shapes: `(B, T, U)` -> `(B, U)`.

    Masking: mask `(B, T)` bool, True is valid; an all-masked row gives zeros (Keras's GlobalAveragePooling1D: NaN).
    """

    def call(self, x: Tensor, mask: Tensor = None) -> Tensor:
        return ops.mean(x, axis=1) if mask is None else masked_mean(x, mask)

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None


@keras.saving.register_keras_serializable(package="kerasseq")
class MaxPooling(keras.layers.Layer):  # type: ignore[misc]
    """Largest value of each feature over the valid steps.

    Shapes: `(B, T, U)` -> `(B, U)`.

    Masking: mask `(B, T)` bool, True is valid; an all-masked row gives zeros.
    """

    def call(self, x: Tensor, mask: Tensor = None) -> Tensor:
        if mask is None:
            return ops.max(x, axis=1)
        largest = ops.max(ops.where(mask[:, :, None], x, lowest(x)), axis=1)
        return ops.where(ops.any(mask, axis=1, keepdims=True), largest, ops.zeros_like(largest))

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None


@keras.saving.register_keras_serializable(package="kerasseq")
class LastPooling(keras.layers.Layer):  # type: ignore[misc]
    """Final state: the step after which a direction has read everything.

    With one direction, the last valid step. With two, the forward half at the last valid step beside the backward half
    at the first valid step: where each direction has read the whole text. (Taking both halves at the last step, a
    common slip, gives a backward half that has read one word.)

    Args:
        directions: 1, or 2 when the last axis is a forward half followed by a backward half.

    Shapes: `(B, T, U)` -> `(B, U)`.

    Masking: mask `(B, T)` bool, True is valid, gaps allowed; an all-masked row gives zeros.
    """

    def __init__(self, directions: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if directions not in (1, 2):
            raise ValueError(f"directions must be 1 or 2. Received: directions={directions}")
        self.directions = directions

    def call(self, x: Tensor, mask: Tensor = None) -> Tensor:
        steps = ops.arange(ops.shape(x)[1], dtype="int32")  # (T,)
        valid = ops.ones(ops.shape(x)[:2], dtype="bool") if mask is None else mask
        last = ops.max(ops.where(valid, steps, number(-1, steps)), axis=1)  # (B,), -1 for an all-masked row
        if self.directions == 1:
            return _at(x, steps, last)
        first = ops.min(ops.where(valid, steps, number(ops.shape(x)[1], steps)), axis=1)
        half = x.shape[-1] // 2
        return ops.concatenate([_at(x[..., :half], steps, last), _at(x[..., half:], steps, first)], axis=-1)

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "directions": self.directions}


@keras.saving.register_keras_serializable(package="kerasseq")
class AttentionPooling(keras.layers.Layer):  # type: ignore[misc]
    """Weighted mean of the valid steps; the weights say which words mattered.

    `u_t = tanh(W x_t + b)`, `a = softmax(u v)` over the valid steps, `y = sum_t a_t x_t`: the word attention of
    Yang et al. (2016), "Hierarchical Attention Networks for Document Classification".

    Args:
        units: Size `A` of `u_t`, at least 1.

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
        self.context_initializer = keras.initializers.GlorotUniform()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        features = input_shape[-1]
        self.kernel = self.add_weight(shape=(features, self.units), initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.context = self.add_weight(shape=(self.units, 1), initializer=self.context_initializer, name="context")

    def call(self, x: Tensor, mask: Tensor = None) -> tuple[Tensor, Tensor]:
        x = x if mask is None else zeroed(x, mask)
        hidden = ops.tanh(ops.matmul(x, self.kernel) + self.bias)  # (B, T, A)
        scores = ops.squeeze(ops.matmul(hidden, self.context), axis=-1)  # (B, T)
        weights = masked_softmax(scores, mask, axis=1)
        return ops.matmul(weights[:, None, :], x)[:, 0], weights

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[tuple[int | None, ...], ...]:
        return (input_shape[0], input_shape[2]), input_shape[:2]

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> tuple[None, None]:
        return None, None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


def _at(x: Tensor, steps: Tensor, index: Tensor) -> Tensor:
    """The vector of each row at its own step; zeros where the index is outside."""
    return masked_sum(x, steps[None, :] == index[:, None])
