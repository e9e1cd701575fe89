"""The model of every Keras system: ids, embedding, one recurrent layer, masked mean, one number."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq_bench.layers.cells import DIMENSION, VOCABULARY, Cell

__all__ = ["build"]

LAYERS = {"simple_rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}


def build(cell: Cell, pooling: Any) -> tuple[Any, Any]:
    """The input `(B, T)` and the output `(B, 1)`; `pooling` takes `(B, T, U)` and the mask."""
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    mask = ops.not_equal(tokens, 0)
    recurrent = LAYERS[cell.layer](cell.units, return_sequences=True)
    if cell.ways == 2:
        recurrent = keras.layers.Bidirectional(recurrent)
    x = keras.layers.Embedding(VOCABULARY, DIMENSION)(tokens)
    x = pooling(recurrent(x, mask=mask), mask=mask)
    return tokens, keras.layers.Dense(1)(x)
