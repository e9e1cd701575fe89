"""An output that cannot leave its range."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasseq.backend.beside import number

__all__ = ["RangeSquash"]


@keras.saving.register_keras_serializable(package="kerasseq")
class RangeSquash(keras.layers.Layer):  # type: ignore[misc]
    """`low + (high - low) * sigmoid(x)`: every real number becomes a score inside `[low, high]`.

    Rounding to float32 cannot carry a score over an end either: 0.1 + 0.6 would give 0.70000005.

    Args:
        low: Lower end of the range.
        high: Upper end, greater than `low`.

    Shapes: any -> the same.
    """

    def __init__(self, low: float, high: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not low < high:
            raise ValueError(f"low must be less than high. Received: low={low}, high={high}")
        self.low = low
        self.high = high
        self.lowest = _inward(low, np.inf)
        self.highest = _inward(high, -np.inf)

    def call(self, x: Any) -> Any:
        y = self.low + (self.high - self.low) * ops.sigmoid(x)
        return ops.clip(y, number(self.lowest, y), number(self.highest, y))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "low": self.low, "high": self.high}


def _inward(end: float, inside: float) -> float:
    """The nearest float32 to `end` that does not lie outside."""
    nearest = float(np.float32(end))
    outside = nearest > end if inside < 0 else nearest < end
    return float(np.nextafter(np.float32(nearest), np.float32(inside))) if outside else nearest
