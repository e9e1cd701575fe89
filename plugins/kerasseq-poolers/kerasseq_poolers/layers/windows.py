"""Poolers that look at windows of successive steps."""

# B batch, T time, U features of a step, F filters, G groups of features, P parts of a text

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq_poolers.layers.masked import closed, lowest, valid_steps

__all__ = ["Conv2DPooling", "HierarchicalPooling"]

Tensor = Any
Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="kerasseq_poolers")
class HierarchicalPooling(keras.layers.Layer):  # type: ignore[misc]
    """Largest of the means of windows of successive valid steps.

    `y = max_t (x_t + ... + x_{t+n-1}) / n`: SWEM-hier of Shen et al. (2018), "Baseline Needs More Love: On Simple
    Word-Embedding-Based Models and Associated Pooling Mechanisms", section 3.3.

    Args:
        window: Number `n` of steps, at least 1; a shorter text has one window, of all its steps.

    Shapes: `(B, T, U)` -> `(B, U)`.

    Masking: mask `(B, T)` bool, True is valid; the steps around a gap are successive. An all-masked row gives zeros.
    """

    def __init__(self, window: int = 5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if window < 1:
            raise ValueError(f"window must be at least 1. Received: window={window}")
        self.window = window

    def call(self, x: Tensor, mask: Tensor = None) -> Tensor:
        x, total = closed(x, valid_steps(x, mask))
        size = ops.clip(total, 1, self.window)  # (B, 1)
        steps = ops.arange(ops.shape(x)[1], dtype="int32")[None, :]  # (1, T)
        full = (steps <= total - size)[:, :, None]
        behind = ops.pad(x, [[0, 0], [0, self.window - 1], [0, 0]])
        sums = ops.zeros_like(x)
        for step in range(self.window):
            sums = sums + behind[:, step : ops.shape(x)[1] + step]
        means = sums / ops.cast(size, x.dtype)[:, :, None]
        # On torch ops.max refuses a batch without rows, ops.amax does not
        largest = ops.amax(ops.where(full, means, lowest(x)), axis=1)
        return ops.where(total > 0, largest, ops.zeros_like(largest))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape[0], input_shape[2]

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "window": self.window}


@keras.saving.register_keras_serializable(package="kerasseq_poolers")
class Conv2DPooling(keras.layers.Layer):  # type: ignore[misc]
    """Largest answers of filters over time and features, per part of the text and group of features.

    `O = relu(K * X + b)` over the plane `(T, U)` of the valid steps, then `y[p, g, f] = max O[t, u, f]` over the steps
    of a part and the features of a group: Zhou et al. (2016), "Text Classification Improved by Integrating
    Bidirectional LSTM with Two-dimensional Max Pooling", equations 9 to 12. There the plane is cut or padded to one
    length, windows lie inside it, and steps are pooled by twos; here zeros lie around it, so that a text of one step
    has an answer, and every text has the same number of parts, of which those of a short text overlap.

    Args:
        filters: Number `F` of filters, at least 1.
        window: Steps and features that a filter sees, at least 1.
        group: Features that are pooled, at least 1; the last group may be smaller.
        parts: Number `P` of parts of a text, at least 1.

    Shapes: `(B, T, U)` -> `(B, P * G * F)`, `G = ceil(U / group)`.

    Masking: mask `(B, T)` bool, True is valid; the steps around a gap are successive. An all-masked row gives zeros.
    """

    def __init__(self, filters: int = 100, window: int = 3, group: int = 2, parts: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if min(filters, window, group, parts) < 1:
            given = f"filters={filters}, window={window}, group={group}, parts={parts}"
            raise ValueError(f"filters, window, group and parts must be at least 1. Received: {given}")
        self.filters = filters
        self.window = window
        self.group = group
        self.parts = parts
        self.kernel_initializer = keras.initializers.GlorotUniform()

    def build(self, input_shape: Shape) -> None:
        shape = (self.window, self.window, 1, self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, x: Tensor, mask: Tensor = None) -> Tensor:
        x, total = closed(x, valid_steps(x, mask))
        around = [(self.window - 1) // 2, self.window // 2]
        plane = ops.pad(x, [[0, 0], around, around])[..., None]
        seen = ops.conv(plane, self.kernel, padding="valid", data_format="channels_last")  # (B, T, U, F)
        groups, time = self._groups(x.shape[-1]), ops.shape(x)[1]
        missing = groups * self.group - x.shape[-1]
        if missing:
            seen = ops.pad(seen, [[0, 0], [0, 0], [0, missing], [0, 0]], constant_values=lowest(seen))
        # Bias and relu rise with what they are given: behind the maximum they have fewer numbers to do
        grouped = ops.amax(ops.reshape(seen, (-1, time, groups, self.group, self.filters)), axis=3)
        flat = ops.reshape(ops.relu(grouped + self.bias), (-1, time, groups * self.filters))
        steps = ops.arange(time, dtype="int32")[None, :]  # (1, T)
        parts = []
        for part in range(self.parts):
            start = part * total // self.parts  # (B, 1)
            end = ((part + 1) * total + self.parts - 1) // self.parts
            # Zero is the least that relu gives, so that zeros are without effect on a maximum
            inside = ops.logical_and(steps >= start, steps < end)[:, :, None]
            parts.append(ops.amax(ops.where(inside, flat, ops.zeros_like(flat)), axis=1))
        return ops.concatenate(parts, axis=-1) if self.parts > 1 else parts[0]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        features = input_shape[2]
        return input_shape[0], features and self.parts * self._groups(features) * self.filters

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        own = {"filters": self.filters, "window": self.window, "group": self.group, "parts": self.parts}
        return {**super().get_config(), **own}

    def _groups(self, features: int) -> int:
        return -(-features // self.group)
