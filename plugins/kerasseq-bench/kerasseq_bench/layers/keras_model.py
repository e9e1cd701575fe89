"""The model of every Keras system: ids, embedding, recurrent layers, masked pooling, one number."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.layers import AttentionPooling, MaxPooling, MeanPooling
from kerasseq_bench.layers.cells import Cell

__all__ = ["build", "pooling"]

LAYERS = {"simple_rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}


def build(cell: Cell, pooling: Any) -> tuple[Any, Any]:
    """The input `(B, T)` and the output `(B, 1)`; `pooling` takes `(B, T, U)` and the mask."""
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    mask = ops.not_equal(tokens, 0)
    x = keras.layers.Embedding(cell.vocabulary, cell.dimension)(tokens)
    for _ in range(cell.stack):
        recurrent = LAYERS[cell.layer](cell.units, return_sequences=True)
        if cell.ways == 2:
            recurrent = keras.layers.Bidirectional(recurrent)
        x = recurrent(x, mask=mask)
    pooled = pooling(x, mask=mask)
    return tokens, keras.layers.Dense(1)(pooled[0] if isinstance(pooled, tuple) else pooled)


def pooling(cell: Cell, ours: bool) -> Any:
    """The layer that makes one vector of all steps; Keras's own where Keras has one that heeds the mask."""
    if cell.pooling == "attention":
        return AttentionPooling(cell.units)
    if cell.pooling == "max":
        return MaxPooling()
    return MeanPooling() if ours else keras.layers.GlobalAveragePooling1D()
