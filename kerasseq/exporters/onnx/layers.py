"""A Keras model as graph nodes, built from its weights: every layer becomes what it means, nothing is traced.

Recurrent layers become `RNN`, `GRU` and `LSTM` nodes with `sequence_lens`. Masks stand at the end of a row here, for
ids fill rows from the left, so the number of valid steps says all.
"""

# B batch, T time, D features in, H units of one direction

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops, tree
from numpy.typing import NDArray

from kerasseq.backend.functional import calls
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.spec import Spec

__all__ = ["model_nodes"]

_WIDER = {"bfloat16": "float32", "float16": "float32"}
"""Types that a model may compute in and a file does not."""


def model_nodes(
    graph: Graph, model: Any, inputs: dict[str, str], specs: Iterable[Spec], wanted: Sequence[str]
) -> dict[str, str]:
    """Add the nodes of a functional model.

    Args:
        graph: Where to.
        model: A built functional model with a dict of outputs.
        inputs: Tensor of each input by its name: ids, `(B, T)` int64.
        specs: Who may know layers that are none of Keras's, through `to_onnx`.
        wanted: Outputs of the model, by name.

    Returns:
        The tensor of each wanted output, by name.

    Raises:
        Inexpressible: A layer or an operation has no form in ONNX.
    """
    specs = tuple(specs)
    known: dict[int, Any] = {id(tensor): inputs[tensor.name] for tensor in model.inputs}
    for node in calls(model):
        arguments = [_names(value, known) for value in node.arguments.args]
        options = {key: _names(value, known) for key, value in node.arguments.kwargs.items()}
        found = _operation(graph, node.operation, arguments, options, specs)
        for tensor, name in zip(node.outputs, found if isinstance(found, tuple | list) else [found], strict=True):
            known[id(tensor)] = name
    return {name: known[id(model.output[name])] for name in wanted}


class _Ref(str):
    """The name of a tensor, to be told from a setting that is a string."""


def _names(value: Any, known: dict[int, Any]) -> Any:
    def name(leaf: Any) -> Any:
        return _Ref(known[id(leaf)]) if isinstance(leaf, keras.KerasTensor) else leaf

    return tree.map_structure(name, value)


def _operation(graph: Graph, operation: Any, arguments: list[Any], options: dict[str, Any], specs: Any) -> Any:
    kind = type(operation)
    plain = kind.__module__.partition(".")[0] == "keras"
    convert = _OPERATIONS.get(kind.__name__) if plain else None
    if convert is not None:
        return convert(graph, operation, *arguments, **options)
    tensors = [value for value in (*arguments, *options.values()) if isinstance(value, _Ref)]
    for spec in specs:
        found = spec.to_onnx(operation, graph, *tensors)
        if found is not NotImplemented:
            return found
    raise Inexpressible(
        f"layer {operation.name!r} must have a form in ONNX, {kind.__module__}.{kind.__name__} has none; "
        "its Spec can give one through to_onnx"
    )


def _weight(variable: Any) -> NDArray[np.float32]:
    return np.asarray(ops.convert_to_numpy(variable), dtype=np.float32)


def _operand(graph: Graph, value: Any) -> str:
    return value if isinstance(value, _Ref) else graph.constant(value, np.float32)


def _binary(op: str) -> Callable[..., str]:
    def convert(graph: Graph, operation: Any, x1: Any, x2: Any) -> str:
        return graph.node(op, _operand(graph, x1), _operand(graph, x2))

    return convert


def _same(graph: Graph, operation: Any, x: str, *_: Any, **__: Any) -> str:
    return x


def _not_equal(graph: Graph, operation: Any, x1: Any, x2: Any) -> str:
    return graph.node("Not", graph.node("Equal", x1, graph.constant(np.int64(x2))))


def _cast(graph: Graph, operation: Any, x: str, dtype: Any = None) -> str:
    kind = operation.dtype if dtype is None else dtype
    return graph.cast(x, _WIDER.get(kind, kind))


def _expand(graph: Graph, operation: Any, x: str, axis: Any = None) -> str:
    axes = operation.axis if axis is None else axis
    return graph.node("Unsqueeze", x, graph.constant(np.atleast_1d(axes), np.int64))


def _concatenate(graph: Graph, operation: Any, xs: list[str], *_: Any) -> str:
    return graph.node("Concat", *xs, axis=operation.axis)


def _where(graph: Graph, operation: Any, condition: str, x1: Any, x2: Any) -> str:
    return graph.node("Where", condition, _operand(graph, x1), _operand(graph, x2))


def _zeros_like(graph: Graph, operation: Any, x: str, **_: Any) -> str:
    return graph.node("Sub", x, x)


def _absolute(graph: Graph, operation: Any, x: str) -> str:
    return graph.node("Abs", x)


def _add(graph: Graph, operation: Any, xs: list[str]) -> str:
    total = xs[0]
    for x in xs[1:]:
        total = graph.node("Add", total, x)
    return total


def _embedding(graph: Graph, layer: Any, ids: str) -> str:
    return graph.node("Gather", graph.weights(layer.embeddings), ids)


def _dense(graph: Graph, layer: Any, x: str) -> str:
    y = graph.node("MatMul", x, graph.weights(layer.kernel))
    if layer.use_bias:
        y = graph.node("Add", y, graph.weights(layer.bias))
    return _activated(graph, layer, y)


_ACTIVATIONS = {"linear": "", "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softmax": "Softmax"}


def _activated(graph: Graph, layer: Any, x: str) -> str:
    name = layer.activation.__name__
    if name not in _ACTIVATIONS:
        raise Inexpressible(f"layer {layer.name!r}: activation must be one of {', '.join(_ACTIVATIONS)}, got {name}")
    return graph.node(_ACTIVATIONS[name], x) if _ACTIVATIONS[name] else x


def _rescaling(graph: Graph, layer: Any, x: str) -> str:
    scaled = graph.node("Mul", x, graph.constant(np.float32(layer.scale)))
    return graph.node("Add", scaled, graph.constant(np.float32(layer.offset)))


def _reshape(graph: Graph, layer: Any, x: str) -> str:
    return (
        graph.node("Reshape", x, graph.constant([0, *layer.target_shape], np.int64))
        if layer.target_shape
        else (graph.node("Reshape", x, graph.constant([-1], np.int64)))
    )


def _layer_norm(graph: Graph, layer: Any, x: str) -> str:
    gamma = _weight(layer.gamma) if layer.scale else np.ones(1, np.float32)
    beta = _weight(layer.beta) if layer.center else np.zeros(1, np.float32)
    mean = graph.node("ReduceMean", x, axes=[-1], keepdims=1)
    centred = graph.node("Sub", x, mean)
    variance = graph.node("ReduceMean", graph.node("Mul", centred, centred), axes=[-1], keepdims=1)
    deviation = graph.node("Sqrt", graph.node("Add", variance, graph.constant(np.float32(layer.epsilon))))
    scaled = graph.node("Mul", graph.node("Div", centred, deviation), graph.weights(gamma))
    return graph.node("Add", scaled, graph.weights(beta))


def _batch_norm(graph: Graph, layer: Any, x: str, mask: Any = None) -> str:
    """In use, batch normalisation is one scale and one shift for each feature."""
    gamma = _weight(layer.gamma) if layer.scale else 1.0
    beta = _weight(layer.beta) if layer.center else 0.0
    scale = gamma / np.sqrt(_weight(layer.moving_variance) + layer.epsilon)
    shifted = graph.node("Mul", x, graph.weights(scale))
    return graph.node("Add", shifted, graph.weights(beta - _weight(layer.moving_mean) * scale))


def _recurrent(graph: Graph, layer: Any, x: str, mask: Any = None, **_: Any) -> str:
    return _run(graph, [layer], "reverse" if layer.go_backwards else "forward", x, mask)


def _bidirectional(graph: Graph, layer: Any, x: str, mask: Any = None, **_: Any) -> str:
    if layer.merge_mode != "concat":
        raise Inexpressible(f"layer {layer.name!r}: merge_mode must be concat, got {layer.merge_mode}")
    return _run(graph, [layer.forward_layer, layer.backward_layer], "bidirectional", x, mask)


def _run(graph: Graph, layers: list[Any], direction: str, x: str, mask: Any) -> str:
    """One recurrent node over `(B, T, D)` -> `(B, T, directions * H)`."""
    if not layers[0].return_sequences or layers[0].stateful:
        raise Inexpressible(f"layer {layers[0].name!r}: must return sequences and keep no state between calls")
    kind = type(layers[0]).__name__
    op, weights, attributes = _CELLS[kind](layers)
    kernel, recurrent, bias = (graph.weights(np.stack(parts)) for parts in zip(*weights, strict=True))
    lengths = ""
    if mask is not None:
        lengths = graph.node("ReduceSum", graph.cast(mask, "int32"), graph.constant([1], np.int64), keepdims=0)
    steps = graph.node("Transpose", x, perm=[1, 0, 2])
    outputs = graph.nodes(
        op,
        *(steps, kernel, recurrent, bias, lengths),
        outputs=3 if op == "LSTM" else 2,
        hidden_size=layers[0].units,
        direction=direction,
        **attributes,
    )
    turned = graph.node("Transpose", outputs[0], perm=[2, 0, 1, 3])  # (B, T, directions, H)
    return graph.node("Reshape", turned, graph.constant([0, 0, len(layers) * layers[0].units], np.int64))


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

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "NotEqual": _not_equal,
    "Cast": _cast,
    "ExpandDims": _expand,
    "Multiply": _binary("Mul"),
    "Subtract": _binary("Sub"),
    "Add": lambda graph, operation, *xs: (
        _add(graph, operation, xs[0]) if len(xs) == 1 else _binary("Add")(graph, operation, *xs)
    ),
    "Absolute": _absolute,
    "Where": _where,
    "ZerosLike": _zeros_like,
    "Concatenate": _concatenate,
    "Embedding": _embedding,
    "Dense": _dense,
    "Dropout": _same,
    "Activation": _activated,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "LayerNormalization": _layer_norm,
    "BatchNormalization": _batch_norm,
    **dict.fromkeys(_CELLS, _recurrent),
    "Bidirectional": _bidirectional,
}
