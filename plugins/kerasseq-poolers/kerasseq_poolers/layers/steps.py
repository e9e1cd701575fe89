"""Poolers that take some of the steps."""

# B batch, T time, U features of a step

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq_poolers.layers.masked import lowest, valid_steps, zeroed

__all__ = ["LastKPooling", "TopKMeanPooling"]

Tensor = Any
Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="kerasseq_poolers")
class LastKPooling(keras.layers.Layer):  # type: ignore[misc]
    """Mean of the last k valid steps of each direction.

    With two directions the forward half is taken at the last k valid steps and the backward half at the first k, where
    each has read most of the text. `k = 1` is the last pooling of Lee & Dernoncourt (2016), "Sequential Short-Text
    Classification with Recurrent and Convolutional Neural Networks".

    Args:
        k: Number of steps, at least 1; of a shorter text all are taken.
        directions: 1, or 2 when the last axis is a forward half followed by a backward half.

    Shapes: `(B, T, U)` -> `(B, U)`.

    Masking: mask `(B, T)` bool, True is valid, gaps allowed; an all-masked row gives zeros.
    """

    def __init__(self, k: int = 3, directions: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if k < 1 or directions not in (1, 2):
            raise ValueError(f"k must be at least 1 and directions 1 or 2. Received: k={k}, directions={directions}")
        self.k = k
        self.directions = directions

    def call(self, x: Tensor, mask: Tensor = None) -> Tensor:
        valid = valid_steps(x, mask)
        so_far = ops.cumsum(ops.cast(valid, "int32"), axis=1)  # (B, T)
        total = so_far[:, -1:]  # (B, 1)
        late = ops.logical_and(valid, so_far > total - self.k)
        parts = ops.cast(ops.clip(total, 1, self.k), x.dtype)
        if self.directions == 1:
            return ops.sum(zeroed(x, late), axis=1) / parts
        early = ops.logical_and(valid, so_far <= self.k)
        half = x.shape[-1] // 2
        halves = ops.sum(zeroed(x[..., :half], late), axis=1), ops.sum(zeroed(x[..., half:], early), axis=1)
        return ops.concatenate(halves, axis=-1) / parts

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape[0], input_shape[2]

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k": self.k, "directions": self.directions}


@keras.saving.register_keras_serializable(package="kerasseq_poolers")
class TopKMeanPooling(keras.layers.Layer):  # type: ignore[misc]
    """Mean of the k largest values of each feature over the valid steps.

    The k-max pooling of Kalchbrenner, Grefenstette & Blunsom (2014), "A Convolutional Neural Network for Modelling
    Sentences", averaged as the top instances in Durand, Thome & Cord (2016), "WELDON".

    Args:
        k: Number of values, at least 1; of a shorter text all are taken.

    Shapes: `(B, T, U)` -> `(B, U)`.

    Masking: mask `(B, T)` bool, True is valid; an all-masked row gives zeros.
    """

    def __init__(self, k: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if k < 1:
            raise ValueError(f"k must be at least 1. Received: k={k}")
        self.k = k

    def call(self, x: Tensor, mask: Tensor = None) -> Tensor:
        valid = valid_steps(x, mask)
        low = lowest(x)
        x = ops.transpose(ops.where(valid[:, :, None], x, low), (0, 2, 1))  # (B, U, T)
        x = ops.pad(x, [[0, 0], [0, 0], [0, self.k - 1]], constant_values=low)  # k steps at least
        largest = ops.top_k(x, self.k, sorted=True)[0]  # (B, U, k), the valid ones first
        total = ops.sum(ops.cast(valid, "int32"), axis=1, keepdims=True)  # (B, 1)
        taken = ops.arange(self.k, dtype="int32")[None, :] < total  # (B, k)
        chosen = ops.where(taken[:, None, :], largest, ops.zeros_like(largest))
        return ops.sum(chosen, axis=2) / ops.cast(ops.clip(total, 1, self.k), x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape[0], input_shape[2]

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k": self.k}
