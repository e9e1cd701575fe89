"""Words read letter by letter: a vector for a word that no table holds, and for its endings."""

# B batch, T time, C characters of a word, A size of the alphabet, D numbers of a character, U units

from __future__ import annotations

from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from kerasseq.embeddings.lookup import Lookup
from kerasseq.layers.masked import quiet

__all__ = ["Characters"]

_FAR = 1e4
"""Taken from what a convolution says of padding, so that it is never the largest; a number of float16, too."""


class Characters:
    """A function of genuine Keras layers, so that a saved model opens in plain Keras.

    `convolution`: windows of three characters, the largest answer of each filter over the word (Ma & Hovy, 2016).
    `recurrent`: an LSTM in both directions, its last states side by side (Lample et al., 2016). Character vectors start
    uniform between -sqrt(3 / D) and sqrt(3 / D) in both.

    Args:
        kind: `"convolution"` or `"recurrent"`.
        alphabet: Ids A: 0 is padding, 1 is unknown.
        dimension: Numbers D of a character's vector.
        units: Numbers U of a word's vector; even for `recurrent`.
        dropout: Rate in [0, 1) on the numbers of the character vectors.

    Called as `characters(ids)`: `(B, T, C)` int32 -> `(B, T, U)`; every call shares the weights. For `recurrent` C must
    be known.

    Masking: id 0 is padding, behind the characters of a word; a word of padding alone gives zeros.

    Example:

    >>> read = Characters("convolution", alphabet=9, dimension=4, units=2)
    >>> vectors = ops.convert_to_numpy(read(np.array([[[5, 3, 8, 0], [5, 3, 8, 0], [0, 0, 0, 0]]])))
    >>> vectors.shape, bool((vectors[0, 0] == vectors[0, 1]).all()), bool(vectors[0, 2].any())
    ((1, 3, 2), True, False)
    """

    def __init__(
        self,
        kind: Literal["convolution", "recurrent"],
        alphabet: int,
        dimension: int = 30,
        units: int = 50,
        dropout: float = 0.0,
    ) -> None:
        if kind == "recurrent" and units % 2:
            raise ValueError(f"units must be even, half of them for each direction. Received: units={units}")
        limit = float(np.sqrt(3 / dimension))
        draw = keras.initializers.RandomUniform(-limit, limit)
        table = keras.layers.Embedding(alphabet, dimension, embeddings_initializer=draw, name="character_embedding")
        self.lookup = Lookup(table)
        self.dropout = keras.layers.Dropout(dropout, name="character_dropout") if dropout else None
        self.reader = _convolution(units) if kind == "convolution" else _recurrent(units)
        self.read = self._convolved if kind == "convolution" else self._last_states

    def __call__(self, ids: Any, mask: Any = None) -> Any:
        # On torch ops.max refuses a batch without rows, ops.amax does not
        words = ops.cast(ops.not_equal(ops.amax(ids, axis=2, keepdims=True), 0), keras.config.floatx())  # (B, T, 1)
        y = self.read(ids)
        return y * ops.cast(words, y.dtype)

    def _vectors(self, ids: Any, mask: Any) -> Any:
        x = self.lookup(ids, mask=mask)
        return x if self.dropout is None else self.dropout(x)

    def _convolved(self, ids: Any) -> Any:
        mask = ops.not_equal(ids, 0)
        y = self.reader(self._vectors(ids, mask))  # (B, T, C, U)
        padding = (1 - ops.cast(ops.expand_dims(mask, -1), y.dtype)) * _FAR
        return ops.amax(y - padding, axis=2)

    def _last_states(self, ids: Any) -> Any:
        """All words of the batch as rows, read together, and put back where they stood."""
        if ids.shape[2] is None:
            raise ValueError(f"ids must be of shape (B, T, C) with C known. Received: {tuple(ids.shape)}")
        rows = ops.reshape(ids, (-1, ids.shape[2]))  # (B T, C)
        mask = ops.not_equal(rows, 0)
        y = self.reader(self._vectors(rows, mask), mask=mask)  # (B T, U)
        # A reshape knows only one length that is open: each word is looked up at its row instead
        one = ops.ones_like(ids[:, :, 0])
        step = ops.cumsum(one, axis=1) - 1  # (B, T)
        row = (ops.cumsum(one, axis=0) - 1) * (ops.amax(step, axis=1, keepdims=True) + 1) + step
        return ops.take(y, row, axis=0)


def _convolution(units: int) -> Any:
    return keras.layers.Conv2D(units, (1, 3), padding="same", name="character_convolution")


def _recurrent(units: int) -> Any:
    letters = keras.layers.LSTM(units // 2, name="character_lstm")
    return quiet(keras.layers.Bidirectional(letters, name="bicharacter_lstm"))
