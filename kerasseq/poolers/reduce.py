"""`mean`, `sum` and `max` over the valid steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

__all__ = ["Max", "Mean", "Sum"]


class Mean(PoolerSpec):
    """Mean of the encoder's vectors over the words of the text, without padding."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `MeanPooling` layer."""
        from kerasseq.layers.pooling import MeanPooling

        return MeanPooling(name="mean", dtype="float32")


class Sum(PoolerSpec):
    """Sum of the encoder's vectors: as mean, but longer texts give longer vectors."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `SumPooling` layer."""
        from kerasseq.layers.pooling import SumPooling

        return SumPooling(name="sum", dtype="float32")


class Max(PoolerSpec):
    """Largest value of each feature over the words of the text."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `MaxPooling` layer."""
        from kerasseq.layers.pooling import MaxPooling

        return MaxPooling(name="max", dtype="float32")
