"""An output that cannot leave its range."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["RangeSquash"]


@keras.saving.register_keras_serializable(package="kerasseq")
class RangeSquash(keras.layers.Layer):  # type: ignore[misc]
    """`low + (high - low) * sigmoid(x)`: every real number becomes a score inside `[low, high]`.

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

    def call(self, x: Any) -> Any:
        return self.low + (self.high - self.low) * ops.sigmoid(x)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "low": self.low, "high": self.high}
