"""What the network and a linear model beside it say, as one answer."""

# B batch, K numbers of an answer

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

__all__ = ["Blend"]


@keras.saving.register_keras_serializable(package="kerasseq")
class Blend(keras.layers.Layer):  # type: ignore[misc]
    """`a x + b y`, the weighted sum of two answers (Wolpert, 1992, "Stacked generalization").

    A new layer gives `x` alone. `share` sets the weights, which training leaves alone.

    Shapes: `x` and `y` of one shape -> the same.
    """

    def build(self, x_shape: Any, y_shape: Any) -> None:
        first = keras.initializers.Constant(np.array([1.0, 0.0], dtype=np.float32))
        self.shares = self.add_weight(shape=(2,), initializer=first, trainable=False, name="shares", dtype="float32")

    def call(self, x: Any, y: Any) -> Any:
        return self.shares[0] * x + self.shares[1] * y

    def compute_output_shape(self, x_shape: Any, y_shape: Any) -> Any:
        return x_shape

    @property
    def factors(self) -> tuple[float, float]:
        """Both weights."""
        a, b = np.asarray(ops.convert_to_numpy(self.shares), dtype=np.float64)
        return float(a), float(b)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Give `x` alone for a while."""
        factors = self.factors
        self.share(1.0, 0.0)
        try:
            yield
        finally:
            self.share(*factors)

    def share(self, a: float, b: float) -> None:
        """Set both weights."""
        self.shares.assign(np.array([a, b], dtype=np.float32))
