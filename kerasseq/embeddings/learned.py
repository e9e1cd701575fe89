"""`learned`: vectors that are drawn at random and trained with the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from kerasseq.embeddings.started import StartedVectors

if TYPE_CHECKING:
    from kerasseq.embeddings.lookup import Lookup

__all__ = ["Learned"]


class Learned(StartedVectors):
    """One trained vector for each id of the vocabulary; the vector of padding is zero and stays zero."""

    dimension: Annotated[int, Field(ge=1, le=8192)] = 128
    """Numbers in a vector."""
    initializer: Literal["uniform", "normal"] = "uniform"
    """How the vectors are drawn: uniform between -0.05 and 0.05, or normal with deviation 0.05."""

    def without_files(self, widths: Sequence[int]) -> Learned:
        """The same: a run keeps what it took from the one that `from` names."""
        return self

    def build(self, vocabulary: Sequence[str]) -> Lookup:
        """Return a `Lookup` of genuine Keras layers, `(B, T)` -> `(B, T, dimension)`."""
        import keras

        from kerasseq.embeddings.lookup import Lookup

        draw = {
            "uniform": keras.initializers.RandomUniform(-0.05, 0.05),
            "normal": keras.initializers.RandomNormal(0.0, 0.05),
        }
        layer = keras.layers.Embedding(
            len(vocabulary), self.dimension, embeddings_initializer=draw[self.initializer], name="embedding"
        )
        return Lookup(layer, self.word_dropout, self.layer_norm, self.dropout)
