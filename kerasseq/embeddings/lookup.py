"""Ids to vectors: word dropout, table, normalisation, dropout, and zeros at padding."""

# B batch, T time, D features, V size of the vocabulary

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

__all__ = ["Lookup", "clear_padding"]


class Lookup:
    """A function of genuine Keras layers; only word dropout needs a layer of ours to open the saved model.

    Padded steps are multiplied by 0. So the vector of id 0 gets no gradient, not even a tiny one, and stays the zero
    that it starts as under every optimizer, with weight decay too.

    Args:
        table: `keras.layers.Embedding` of `V` ids; its row 0 is set to zero here.
        word_dropout: Probability in [0, 1) of replacing a token by the unknown one in training.
        layer_norm: Normalise each vector, epsilon 1e-5.
        dropout: Rate in [0, 1) on the numbers of the vectors.

    Called as `lookup(tokens, mask=mask)`: `(B, T)` int32, mask `(B, T)` bool -> `(B, T, D)`; every call shares the
    weights. Without a mask, id 0 is what is masked.

    Example:

    >>> lookup = Lookup(keras.layers.Embedding(3, 2, embeddings_initializer="ones"))
    >>> ops.convert_to_numpy(lookup(np.array([[2, 1, 0]]))).tolist()
    [[[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]]
    """

    def __init__(self, table: Any, word_dropout: float = 0.0, layer_norm: bool = False, dropout: float = 0.0) -> None:
        self.table = table
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5, name="embedding_norm") if layer_norm else None
        self.dropout = keras.layers.Dropout(dropout, name="embedding_dropout") if dropout else None
        self.word_dropout = _word_dropout(word_dropout)
        clear_padding(table)

    def __call__(self, tokens: Any, mask: Any = None) -> Any:
        return self.finished(self.table(self.dropped(tokens)), _valid(tokens, mask))

    def dropped(self, tokens: Any) -> Any:
        """The tokens, `(B, T)`, some of them unknown in training."""
        return tokens if self.word_dropout is None else self.word_dropout(tokens)

    def finished(self, x: Any, valid: Any) -> Any:
        """Vectors of tokens `(B, T, D)`, normalised, with dropout, and zeros where `valid` `(B, T)` is not."""
        for layer in (self.norm, self.dropout):
            x = x if layer is None else layer(x)
        return x * ops.cast(ops.expand_dims(valid, -1), x.dtype)  # on torch far cheaper than a selection


def _valid(tokens: Any, mask: Any) -> Any:
    return ops.not_equal(tokens, 0) if mask is None else mask  # (B, T)


def _word_dropout(rate: float) -> Any:
    if not rate:
        return None
    from kerasseq.layers.word_dropout import WordDropout

    return WordDropout(rate, name="word_dropout")


def clear_padding(table: Any) -> None:
    """Set the vector of id 0 of a `keras.layers.Embedding` to zero."""
    if not table.built:
        table.build()
    values = np.array(ops.convert_to_numpy(table.embeddings))
    values[0] = 0
    table.set_weights([values])
