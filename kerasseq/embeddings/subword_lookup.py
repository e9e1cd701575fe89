"""Ids and n-grams to vectors: the mean of a word's own vector and those of its n-grams."""

# B batch, T time, K n-grams of a token, D features

from __future__ import annotations

from typing import Any

from keras import ops

from kerasseq.embeddings.lookup import Lookup, clear_padding
from kerasseq.tokenizers.tokenizer import UNKNOWN

__all__ = ["SubwordLookup"]


class SubwordLookup:
    """A function of Keras layers; `SubwordSum` is ours, and the saved model needs it to open.

    The vector of a token is the mean of its own and of those of its known n-grams (Bojanowski et al., 2017). An unknown
    token has none of its own: it is the mean of its n-grams, and without any the vector of the unknown token.

    Args:
        table: See `Lookup`.
        ngrams: `kerasseq.layers.SubwordSum`.
        word_dropout: See `Lookup`; the n-grams of a token that is replaced stay.
        layer_norm: See `Lookup`.
        dropout: See `Lookup`.
        own: Whether a token has a vector of its own beside its n-grams; if not, every token is an unknown one.

    Called as `lookup(tokens, subwords, mask=mask)`: `(B, T)` int32, `(B, T, K)` int32 with 0 for no n-gram, mask
    `(B, T)` bool -> `(B, T, D)`. Without n-grams a token has its own vector.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> from kerasseq.layers.subword_sum import SubwordSum
    >>> tables = keras.layers.Embedding(4, 1), SubwordSum(3, 1)
    >>> lookup = SubwordLookup(*tables)
    >>> tables[0].set_weights([np.array([[0.0], [5.0], [7.0], [6.0]])])
    >>> tables[1].set_weights([np.array([[0.0], [1.0], [2.0]])])
    >>> tokens, ngrams = np.array([[3, 1, 1, 0]]), np.array([[[1, 2], [1, 2], [0, 0], [0, 0]]])
    >>> ops.convert_to_numpy(lookup(tokens, ngrams))[0, :, 0].tolist()
    [3.0, 1.5, 5.0, 0.0]
    """

    def __init__(
        self,
        table: Any,
        ngrams: Any,
        word_dropout: float = 0.0,
        layer_norm: bool = False,
        dropout: float = 0.0,
        own: bool = True,
    ) -> None:
        self.words = Lookup(table, word_dropout, layer_norm, dropout)
        self.ngrams = ngrams
        self.own = own
        clear_padding(ngrams)

    def __call__(self, tokens: Any, subwords: Any = None, mask: Any = None) -> Any:
        tokens = tokens if self.own else ops.minimum(tokens, UNKNOWN)
        if subwords is None:
            return self.words(tokens, mask=mask)
        valid = ops.not_equal(tokens, 0) if mask is None else mask  # (B, T)
        tokens = self.words.dropped(tokens)
        own = self.words.table(tokens)  # (B, T, D)
        spelled = ops.cast(ops.sum(ops.cast(ops.not_equal(subwords, 0), "int32"), axis=-1, keepdims=True), own.dtype)
        known = ops.cast(ops.expand_dims(ops.not_equal(tokens, UNKNOWN), -1), own.dtype)  # (B, T, 1)
        weight = ops.maximum(known, 1 - ops.minimum(spelled, 1))
        return self.words.finished((own * weight + self.ngrams(subwords)) / (weight + spelled), valid)
