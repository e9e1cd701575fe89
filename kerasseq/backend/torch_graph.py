"""Call a functional model on torch without what Keras asks anew at every call of every layer.

Keras checks and converts the arguments of a call, binds them to a signature, looks for masks and opens name scopes: up
to 0.3 ms a layer. What it finds hangs on the graph alone, so here it is found once and the layers' own `call` runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras

from kerasseq.backend.functional import calls
from kerasseq.backend.torch_short import plain, short

__all__ = ["Graph"]

Tensor = Any


class Graph:
    """`graph(inputs, training)` gives what `model(inputs, training=training)` gives.

    A layer that may need more than its `call` (another type of numbers than its weights', hooks, a regularizer of
    outputs, a `__call__` of its own) is called as ever. Masks that travel on tensors stand in the graph. A model in
    which `training` travels beside the graph, to layers inside a layer that does not take it, is called whole.

    Args:
        model: A functional model with a flat list of inputs and a dict of outputs.

    Attributes:
        path: `"direct"`, or `"keras: "` and why the model is called whole.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        nodes = list(calls(model))
        reason = next(filter(None, map(_reason, nodes)), "")
        self.path = f"keras: {reason}" if reason else "direct"
        slots: dict[int, int] = {}
        for tensor in (*model.inputs, *(output for node in nodes for output in node.outputs)):
            slots.setdefault(id(tensor), len(slots))
        self._steps = [] if reason else [_step(node, slots) for node in nodes]
        self._outputs = {name: slots[id(tensor)] for name, tensor in model.output.items()}
        self._room = [None] * (len(slots) - len(model.inputs))

    def __call__(self, inputs: Sequence[Tensor], training: bool) -> dict[str, Tensor]:
        """The named outputs."""
        if not self._steps:
            whole: dict[str, Tensor] = self.model(inputs, training=training)
            return whole
        values = [*inputs, *self._room]
        # One call as Keras sees it: what layers add to the loss is forgotten at its beginning, and not inside
        self.model._get_call_context()
        try:
            self._run(values, training)
        finally:
            self.model._maybe_reset_call_context()
        return {name: values[slot] for name, slot in self._outputs.items()}

    def _run(self, values: list[Any], training: bool) -> None:
        """Fill in what each step gives."""
        for call, args, kwargs, takes_training, outputs in self._steps:
            named = {key: _filled(value, values) for key, value in kwargs.items()}
            if takes_training:
                named["training"] = training
            found = call(*[_filled(value, values) for value in args], **named)
            for slot, value in zip(outputs, [found] if len(outputs) == 1 else keras.tree.flatten(found), strict=True):
                values[slot] = value


class _Slot(int):
    """Where a tensor stands among the values of a call."""


class _Step(NamedTuple):
    call: Callable[..., Any]
    args: list[Any]
    kwargs: dict[str, Any]
    takes_training: bool
    outputs: list[int]


def _filled(value: Any, values: list[Any]) -> Any:
    if type(value) is _Slot:
        return values[value]
    return [_filled(item, values) for item in value] if type(value) is list else value


def _step(node: Any, slots: dict[int, int]) -> _Step:
    def placed(value: Any) -> Any:
        if isinstance(value, keras.KerasTensor):
            return _Slot(slots[id(value)])
        return [placed(item) for item in value] if isinstance(value, list | tuple) else value

    operation = node.operation
    layer = isinstance(operation, keras.layers.Layer)
    return _Step(
        operation if layer and _needs_keras(operation, node) else short(operation),
        [placed(value) for value in node.arguments.args],
        {key: placed(value) for key, value in node.arguments.kwargs.items()},
        layer and "training" in inspect.signature(operation.call).parameters,
        [slots[id(output)] for output in node.outputs],
    )


def _reason(node: Any) -> str:
    """Why the whole model must be called by Keras; empty when this node is no reason."""
    operation, arguments = node.operation, node.arguments
    values = (*arguments.args, *arguments.kwargs.values())
    flat = [item for value in values for item in (value if isinstance(value, list | tuple) else [value])]
    if sum(isinstance(item, keras.KerasTensor) for item in flat) != len(arguments.keras_tensors):
        return f"{operation.name} takes nested tensors"
    if not isinstance(operation, keras.layers.Layer):
        return ""
    if operation._layers and "training" not in inspect.signature(operation.call).parameters:
        return f"{operation.name} holds layers and does not take training"
    return ""


def _needs_keras(layer: Any, node: Any) -> bool:
    """Whether `layer` needs more than its own `call`."""
    floats = [t for t in node.arguments.keras_tensors if keras.backend.is_float_dtype(t.dtype)]
    return not plain(layer) or any(tensor.dtype != layer.input_dtype for tensor in floats)
