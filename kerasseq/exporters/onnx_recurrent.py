"""Recurrent layers of Keras as `RNN`, `GRU` and `LSTM` nodes.

Masks stand at the end of a row here, for ids fill rows from the left, so the number of valid steps says all.
"""

# B batch, T time, D features in, H units of one direction, G gates

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from kerasseq.exporters.onnx_graph import Graph, Inexpressible

__all__ = ["RECURRENT"]


def _recurrent(graph: Graph, layer: Any, sequences: str, mask: str = "") -> str:
    found = _run(graph, [layer], "reverse" if layer.go_backwards else "forward", sequences, mask)
    if layer.go_backwards and layer.return_sequences:  # Keras gives the steps in the order in which it reads them
        back = graph.constant([-1], np.int64)
        found = graph.node("Slice", found, back, graph.constant([-(2**63)], np.int64), graph.constant([1]), back)
    return found


def _bidirectional(graph: Graph, layer: Any, sequences: str, mask: str = "") -> str:
    if layer.merge_mode != "concat":
        raise Inexpressible(f"layer {layer.name!r}: merge_mode must be concat, got {layer.merge_mode}")
    return _run(graph, [layer.forward_layer, layer.backward_layer], "bidirectional", sequences, mask)


def _run(graph: Graph, layers: list[Any], direction: str, x: str, mask: str) -> str:
    """One recurrent node over `(B, T, D)` -> `(B, T, directions * H)`, or the last states `(B, directions * H)`."""
    first = layers[0]
    if first.return_state or first.stateful:
        raise Inexpressible(f"layer {first.name!r}: must return no state and keep no state between calls")
    op, weights, attributes = _CELLS[type(first).__name__](layers)
    kernel, recurrent, bias = (graph.weights(np.stack(parts)) for parts in zip(*weights, strict=True))
    lengths = ""
    if mask:
        lengths = graph.node("ReduceSum", graph.cast(mask, "int32"), graph.constant([1], np.int64), keepdims=0)
    steps = graph.node("Transpose", x, perm=[1, 0, 2])
    outputs = graph.nodes(
        op,
        *(steps, kernel, recurrent, bias, lengths),
        outputs=3 if op == "LSTM" else 2,
        hidden_size=first.units,
        direction=direction,
        **attributes,
    )
    width = len(layers) * first.units
    if not first.return_sequences:
        last = graph.node("Transpose", outputs[1], perm=[1, 0, 2])  # (B, directions, H)
        return graph.node("Reshape", last, graph.constant([0, width], np.int64))
    turned = graph.node("Transpose", outputs[0], perm=[2, 0, 1, 3])  # (B, T, directions, H)
    return graph.node("Reshape", turned, graph.constant([0, 0, width], np.int64))


def _weight(variable: Any) -> NDArray[np.float32]:
    return np.asarray(ops.convert_to_numpy(variable), dtype=np.float32)


Weights = list[tuple[NDArray[np.float32], ...]]


def _gates(array: NDArray[np.float32], order: list[int]) -> NDArray[np.float32]:
    """Keras's gates side by side as ONNX's, one below the other: `(D, G H)` -> `(G H, D)`."""
    blocks = np.split(array, len(order), axis=-1)
    return np.concatenate([blocks[i] for i in order], axis=-1).T


def _lstm(layers: list[Any]) -> tuple[str, Weights, dict[str, Any]]:
    for layer in layers:
        _check_activations(layer, "tanh", "sigmoid")
    order = [0, 3, 1, 2]  # Keras: i f c o; ONNX: i o f c
    return "LSTM", [_cell(layer, order, _bias(layer, 4)) for layer in layers], {}


def _gru(layers: list[Any]) -> tuple[str, Weights, dict[str, Any]]:
    weights = []
    for layer in layers:
        _check_activations(layer, "tanh", "sigmoid")
        weights.append(_cell(layer, [0, 1, 2], _bias(layer, 3)))  # z r h in both
    return "GRU", weights, {"linear_before_reset": int(layers[0].reset_after)}


def _simple_rnn(layers: list[Any]) -> tuple[str, Weights, dict[str, Any]]:
    names = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid"}
    activation = layers[0].activation.__name__
    if activation not in names:
        raise Inexpressible(f"layer {layers[0].name!r}: activation must be one of {', '.join(names)}, got {activation}")
    weights = [_cell(layer, [0], _bias(layer, 1)) for layer in layers]
    return "RNN", weights, {"activations": [names[activation]] * len(layers)}


def _cell(layer: Any, order: list[int], bias: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Kernel `(G H, D)`, recurrent kernel `(G H, H)` and both bias rows end to end `(2 G H,)`."""
    kernel, recurrent = _weight(layer.cell.kernel), _weight(layer.cell.recurrent_kernel)
    rows = [_gates(row[None], order)[:, 0] for row in bias]
    return _gates(kernel, order), _gates(recurrent, order), np.concatenate(rows)


def _bias(layer: Any, gates: int) -> NDArray[np.float32]:
    """The bias of the input and that of the state, `(2, G H)`."""
    width = gates * layer.units
    if not layer.use_bias:
        return np.zeros((2, width), np.float32)
    bias = _weight(layer.cell.bias)
    return bias if bias.ndim == 2 else np.stack([bias, np.zeros(width, np.float32)])


def _check_activations(layer: Any, activation: str, recurrent: str) -> None:
    got = layer.activation.__name__, layer.recurrent_activation.__name__
    if got != (activation, recurrent):
        raise Inexpressible(
            f"layer {layer.name!r}: activations must be {activation} and {recurrent}, got {' and '.join(got)}"
        )


_CELLS: dict[str, Callable[..., Any]] = {"SimpleRNN": _simple_rnn, "GRU": _gru, "LSTM": _lstm}

RECURRENT: dict[str, Callable[..., Any]] = {**dict.fromkeys(_CELLS, _recurrent), "Bidirectional": _bidirectional}
"""Name of a class of Keras to what writes it: `convert(graph, layer, sequences, mask)`."""
