"""Recurrent layers of Keras as `RNN`, `GRU` and `LSTM` nodes.

Masks stand at the end of a row here, for ids fill rows from the left, so the number of valid steps says all.
"""

# B batch, T time, D features in, H units of one direction, G gates

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from kerasseq.onnx_graph.graph import Graph, Inexpressible

__all__ = ["RECURRENT", "recurrent"]


def recurrent(
    graph: Graph, layer: Any, sequences: str, mask: str = "", states: Sequence[str] = (), exact: bool = False
) -> str | list[str]:
    """Nodes of a layer of `RECURRENT`.

    Args:
        graph: Where to.
        layer: A layer of Keras.
        sequences: `(B, T, D)`.
        mask: `(B, T)` bool, or none.
        states: What it begins with, `(B, U)` each; zeros where there are none.
        exact: Keep what Keras gives at masked steps, which nothing reads that keeps to masks.

    Returns:
        `(B, T, U)`, or `(B, U)` of a layer that returns its last states alone. Of a layer that returns its states a
        list: that, and each state behind the last valid step, `(B, U)`; each row must have such a step.

    Raises:
        Inexpressible: ONNX has no such layer.
    """
    if isinstance(layer, keras.layers.Bidirectional):
        if layer.merge_mode != "concat":
            raise Inexpressible(f"layer {layer.name!r}: merge_mode must be concat, got {layer.merge_mode}")
        layers, direction = [layer.forward_layer, layer.backward_layer], "bidirectional"
    else:
        layers, direction = [layer], "reverse" if layer.go_backwards else "forward"
    if (states or layers[0].return_state) and direction != "forward":
        raise Inexpressible(f"layer {layer.name!r}: must read forward to take or give states, it reads {direction}")
    steps, *ends = _run(graph, layers, direction, sequences, mask, states)
    found = _answer(graph, layer, direction, layers, steps, ends[0], mask, exact)
    if not layers[0].return_state:
        return found
    return [found, *(graph.node("Squeeze", end, graph.constant([0], np.int64)) for end in ends)]


def _answer(
    graph: Graph, layer: Any, direction: str, layers: list[Any], steps: str, last: str, mask: str, exact: bool
) -> str:
    """Steps, or last states alone, as Keras gives them."""
    width = len(layers) * layers[0].units
    if not layers[0].return_sequences:
        return _joined(graph, last, [1, 0, 2], [0, width])
    found = _joined(graph, steps, [2, 0, 1, 3], [0, 0, width])
    if direction == "reverse":  # Keras gives the steps in the order in which it reads them
        back = graph.constant([-1], np.int64)
        return graph.node("Slice", found, back, graph.constant([-(2**63)], np.int64), graph.constant([1]), back)
    if exact and mask and direction == "forward" and not layer.zero_output_for_mask:
        column = graph.node("Unsqueeze", mask, graph.constant([2], np.int64))
        return graph.node("Where", column, found, graph.node("Transpose", last, perm=[1, 0, 2]))
    return found


def _joined(graph: Graph, x: str, order: list[int], sizes: list[int]) -> str:
    """With the directions side by side."""
    return graph.node("Reshape", graph.node("Transpose", x, perm=order), graph.constant(sizes, np.int64))


def _run(graph: Graph, layers: list[Any], direction: str, x: str, mask: str, states: Sequence[str]) -> list[str]:
    """One recurrent node over `(B, T, D)` -> steps `(T, directions, B, H)` and last states `(directions, B, H)`."""
    first = layers[0]
    if first.stateful:
        raise Inexpressible(f"layer {first.name!r}: must keep no state between calls")
    op, weights, attributes = _CELLS[type(first).__name__](layers)
    kernel, recurrent, bias = (graph.weights(np.stack(parts)) for parts in zip(*weights, strict=True))
    lengths = ""
    if mask:
        lengths = graph.node("ReduceSum", graph.cast(mask, "int32"), graph.constant([1], np.int64), keepdims=0)
    begin = [graph.node("Unsqueeze", state, graph.constant([0], np.int64)) for state in states]
    return graph.nodes(
        op,
        *(graph.node("Transpose", x, perm=[1, 0, 2]), kernel, recurrent, bias, lengths, *begin),
        outputs=3 if op == "LSTM" else 2,
        hidden_size=first.units,
        direction=direction,
        **attributes,
    )


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

RECURRENT = (*_CELLS, "Bidirectional")
"""Names of the classes."""
