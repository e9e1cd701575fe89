"""`last`: the encoder's final state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

__all__ = ["Last"]


class Last(PoolerSpec):
    """Final state of the encoder; of a bidirectional one, each direction's own final state side by side."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `LastPooling` layer."""
        from kerasseq.layers.pooling import LastPooling

        return LastPooling(directions, name="last", dtype="float32")
