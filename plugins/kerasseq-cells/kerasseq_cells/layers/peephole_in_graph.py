"""An LSTM with peepholes as ONNX's `LSTM`, whose input P they are."""

# B batch, T time, D features in, U units

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasseq.plugin import Graph
from kerasseq_cells.layers.peephole import PeepholeLSTMCell

__all__ = ["lstm_node"]

_ORDER = [0, 3, 1, 2]  # ours: i f g o; ONNX: i o f g


def lstm_node(built: Any, graph: Graph, *inputs: str) -> Any:
    """Steps `(B, T, directions * U)` of `keras.layers.RNN` around our cell, or of two as `Bidirectional`.

    Masks stand at the end of a row. Gives `NotImplemented` for any other layer.
    """
    both = isinstance(built, keras.layers.Bidirectional)
    ways = [built.forward_layer, built.backward_layer] if both else [built]
    cells: list[Any] = [getattr(way, "cell", None) for way in ways]
    if not all(isinstance(cell, PeepholeLSTMCell) for cell in cells):
        return NotImplemented
    x, mask = [*inputs, ""][:2]
    lengths = ""
    if mask:
        lengths = graph.node("ReduceSum", graph.cast(mask, "int32"), graph.constant([1], np.int64), keepdims=0)
    parts = [_weights(cell) for cell in cells]
    kernel, recurrent, bias, peepholes = (graph.weights(np.stack(each)) for each in zip(*parts, strict=True))
    weights = kernel, recurrent, bias, lengths, "", "", peepholes
    steps = graph.nodes(
        "LSTM",
        graph.node("Transpose", x, perm=[1, 0, 2]),
        *weights,
        outputs=3,
        hidden_size=cells[0].units,
        direction="bidirectional" if both else "forward",
    )[0]  # (T, directions, B, U)
    sizes = graph.constant([0, 0, len(ways) * cells[0].units], np.int64)
    return graph.node("Reshape", graph.node("Transpose", steps, perm=[2, 0, 1, 3]), sizes)


def _weights(cell: Any) -> tuple[Any, ...]:
    arrays = [ops.convert_to_numpy(each) for each in (cell.kernel, cell.recurrent_kernel, cell.bias[None])]
    kernel, recurrent, bias = (np.concatenate(_gates(array), axis=-1).T for array in arrays)
    i, f, o = ops.convert_to_numpy(cell.peepholes)
    return kernel, recurrent, np.concatenate([bias[:, 0], np.zeros_like(bias[:, 0])]), np.concatenate([i, o, f])


def _gates(array: Any) -> list[Any]:
    parts = np.split(array, len(_ORDER), axis=-1)
    return [parts[place] for place in _ORDER]
