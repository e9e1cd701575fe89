"""`attention`: a weighted mean whose weights say which words mattered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

__all__ = ["Attention"]


class Attention(PoolerSpec):
    """Word attention (Yang et al., 2016); the report shows its weights over test texts."""

    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the hidden layer that scores a word."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return an `AttentionPooling` layer, which gives `(pooled, weights)`."""
        from kerasseq.layers.pooling import AttentionPooling

        return AttentionPooling(self.units, name="attention", dtype="float32")
