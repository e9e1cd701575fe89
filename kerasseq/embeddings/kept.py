"""Vectors of one width that come from a file, and what stands for them where the file is gone."""

# V vocabulary, D numbers in a vector

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasseq.embeddings.settings import VectorSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.embeddings.lookup import Lookup

__all__ = ["KeptVectors", "table_lookup"]


class KeptVectors(VectorSettings):
    """Vectors that a checkpoint gives: until then zeros, in layers of the same shapes."""

    trainable: bool
    """As the vectors of the file were."""
    width: int
    """Numbers in a vector."""

    @classmethod
    def of(cls, settings: VectorSettings, trainable: bool, width: int) -> KeptVectors:
        """What stands for vectors of a file with these settings."""
        shared = {name: getattr(settings, name) for name in VectorSettings.model_fields}
        return cls(**shared, trainable=trainable, width=width)

    def build(self, vocabulary: Sequence[str]) -> Lookup:
        """Return a `Lookup` of zeros, `(B, T)` -> `(B, T, width)`."""
        import numpy as np

        return table_lookup(np.zeros((len(vocabulary), self.width), dtype=np.float32), self, self.trainable)


def table_lookup(table: NDArray[np.float32], settings: VectorSettings, trainable: bool) -> Lookup:
    """A `Lookup` of the vectors `(V, D)` of a file, which are tuned with the model where they are `trainable`."""
    import keras

    from kerasseq.embeddings.lookup import Lookup

    layer = keras.layers.Embedding(
        *table.shape, embeddings_initializer="zeros", weights=table, trainable=trainable, name="embedding"
    )
    return Lookup(layer, settings.word_dropout, settings.layer_norm, settings.dropout)
