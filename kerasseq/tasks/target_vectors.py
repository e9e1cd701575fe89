"""Vectors of the tokens that are written, where they are not those of the tokens that are read."""

# B batch, T time, D features, V vocabulary

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasseq.embeddings.lookup import clear_padding

__all__ = ["target_vectors"]


def target_vectors(vocabulary: int, dimension: int) -> Callable[..., Any]:
    """A function of tokens `(B, T)` and their mask to `(B, T, D)`, zeros at padding.

    Args:
        vocabulary: V.
        dimension: D.
    """
    draw = keras.initializers.RandomUniform(-0.05, 0.05)
    table = keras.layers.Embedding(vocabulary, dimension, embeddings_initializer=draw, name="target_embedding")
    clear_padding(table)

    def look_up(tokens: Any, mask: Any = None) -> Any:
        x = table(tokens)
        return x * ops.cast(ops.expand_dims(mask, -1), x.dtype)

    return look_up
