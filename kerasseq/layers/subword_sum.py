"""The vectors of the n-grams of a token, added up."""

# B batch, T time, K n-grams of a token, V ids of n-grams, D numbers of a vector

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.bags import rows_summed

__all__ = ["SubwordSum"]

Tensor = Any


@keras.saving.register_keras_serializable(package="kerasseq")
class SubwordSum(keras.layers.Embedding):  # type: ignore[misc]
    """A table of vectors, of which a step takes several at once.

    Args:
        input_dim: Ids V; 0 names no vector.
        output_dim: Numbers D of a vector.
        kwargs: Of `keras.layers.Embedding`.

    Shapes: `(B, T, K)` int32 -> `(B, T, D)`, zeros for a step of zeros.
    """

    def call(self, inputs: Tensor) -> Tensor:
        return ops.cast(rows_summed(self.embeddings, inputs), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.output_dim)
