"""The operations that a layer is made of, found by running its `call` on symbolic tensors."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
from keras import tree

from kerasseq.exporters.tracing.operations import Item
from kerasseq.exporters.tracing.symbols import followed, parts_of

__all__ = ["Step", "Trace", "Untraceable", "constant_of", "step_of", "trace"]

Symbol = keras.KerasTensor


class Untraceable(Exception):
    """A layer whose operations cannot be found; the message names it and why."""


@dataclass(frozen=True)
class Step:
    """One call of an operation of Keras or of a layer.

    Attributes:
        operation: Which.
        args: As it was called; tensors are symbolic, and weights the layer's variables.
        kwargs: The same.
        settings: What an operation was made with, `axis`; of a layer nothing.
        outputs: Symbolic tensors.
    """

    operation: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    settings: Mapping[str, Any]
    outputs: tuple[Any, ...]

    def needs(self) -> list[Any]:
        """Every symbolic tensor that must be known before."""
        return [leaf for leaf in tree.flatten((self.args, self.kwargs, self.settings)) if isinstance(leaf, Symbol)]


@dataclass(frozen=True)
class Trace:
    """A layer as steps.

    Attributes:
        inputs: Each symbolic tensor inside the layer, and the one outside that it stands for.
        steps: In an order in which they can be computed; what no output needs is not among them.
        outputs: As `call` returned them, symbolic tensors as leaves.
    """

    inputs: tuple[tuple[Any, Any], ...]
    steps: tuple[Step, ...]
    outputs: Any


def trace(layer: Any, args: Any, kwargs: Any) -> Trace:
    """Follow a layer.

    Args:
        layer: A built layer; it computes as in use, not as in training, and in float32.
        args: What a model calls it with, symbolic tensors as leaves.
        kwargs: The same.

    Raises:
        Untraceable: Its `call` fails on tensors whose sizes are open.
    """
    inside: dict[int, tuple[Any, Any]] = {}

    def stand_in(leaf: Any) -> Any:
        if not isinstance(leaf, Symbol):
            return leaf
        if id(leaf) not in inside:
            made = Symbol(leaf.shape, _float32(leaf.dtype))
            inside[id(leaf)] = made, leaf
            mask = getattr(leaf, "_keras_mask", None)
            if mask is not None:
                made._keras_mask = stand_in(mask)
        return inside[id(leaf)][0]

    arguments, options = tree.map_structure(stand_in, (tuple(args), dict(kwargs)))
    nodes = _Nodes(layer)
    try:
        with followed():
            outputs = layer.call(*arguments, **_completed(layer, arguments, options))
        return Trace(tuple(inside.values()), tuple(_steps(outputs, {id(new) for new, _ in inside.values()})), outputs)
    except Untraceable:
        raise
    except Exception as cause:  # whatever the code of a layer may raise
        raise Untraceable(f"layer {layer.name!r}: {_said(layer, cause)}") from cause
    finally:
        nodes.forget()


def constant_of(leaf: Any) -> Any:
    """A variable, or a tensor of the backend, as an array; any other value as it is."""
    if isinstance(leaf, keras.Variable) or keras.ops.is_tensor(leaf):
        value = leaf.value if isinstance(leaf, keras.Variable) else leaf
        if _float32(str(keras.backend.standardize_dtype(value.dtype))) == "float32":
            value = keras.ops.cast(value, "float32")
        return keras.ops.convert_to_numpy(keras.ops.stop_gradient(value))
    return leaf


def _float32(dtype: str) -> str:
    return "float32" if "float" in dtype else dtype


class _Nodes:
    """What the layers inside a layer remember of their calls, to be as it was."""

    def __init__(self, layer: Any) -> None:
        held = [each for child in layer._flatten_layers() for each in (child._inbound_nodes, child._outbound_nodes)]
        self._before = [(nodes, len(nodes)) for nodes in held]

    def forget(self) -> None:
        for nodes, number in self._before:
            del nodes[number:]


def _completed(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The options with what Keras would add to them: masks that come with tensors, and that this is no training."""
    parameters = inspect.signature(layer.call).parameters
    kwargs = {key: value for key, value in kwargs.items() if key != "training" or key in parameters}
    given = inspect.signature(layer.call).bind_partial(*args, **kwargs).arguments
    if "training" in parameters and given.get("training") is None:
        kwargs["training"] = False
    tensors = {
        name: value for name, value in given.items() if any(isinstance(leaf, Symbol) for leaf in tree.flatten(value))
    }
    for name, value in tensors.items():
        wanted = "mask" if len(tensors) == 1 else f"{name}_mask"
        if wanted in parameters and given.get(wanted) is None:
            kwargs[wanted] = tree.map_structure(lambda leaf: getattr(leaf, "_keras_mask", None), value)
    return kwargs


def _steps(outputs: Any, inputs: set[int]) -> Iterator[Step]:
    """The calls that outputs come from, each behind those that it needs."""
    known = set(inputs)
    waiting = [leaf for leaf in reversed(tree.flatten(outputs)) if isinstance(leaf, Symbol)]
    while waiting:
        tensor = waiting[-1]
        if id(tensor) in known:
            waiting.pop()
            continue
        operation, number, _ = tensor._keras_history
        step = step_of(operation._inbound_nodes[number])
        missing = [leaf for leaf in step.needs() if id(leaf) not in known]
        if missing:
            waiting += reversed(missing)
            continue
        known.update(map(id, step.outputs))
        yield step


def step_of(node: Any) -> Step:
    """A node of Keras as a step."""
    operation = node.operation
    args, kwargs = node.arguments.args, dict(node.arguments.kwargs)
    if isinstance(operation, keras.Layer):
        return Step(operation, args, _completed(operation, args, kwargs), {}, tuple(node.outputs))
    if type(operation).__name__ == "GetItem":
        x, key = inspect.signature(operation.call).bind(*args, **kwargs).args
        parts = parts_of(x, tuple(key) if isinstance(key, list) else key)  # a saved model has lists
        return Step(Item(), (x, *parts), {}, {}, tuple(node.outputs))
    settings = {key: value for key, value in vars(operation).items() if key[0] != "_" and key != "name"}
    return Step(operation, args, kwargs, settings, tuple(node.outputs))


def _said(layer: Any, cause: Exception) -> str:
    """Where the code of the layer failed, and why."""
    frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if "/keras/src/" not in frame.filename]
    place = next((f" at {f.filename}:{f.lineno}" for f in reversed(frames) if f.filename != __file__), "")
    words = " ".join(str(cause).split())[:200]
    return (
        f"its call must be made of keras.ops and take sizes that are not known before use, it failed{place}: "
        f"{type(cause).__name__}: {words}"
    )
