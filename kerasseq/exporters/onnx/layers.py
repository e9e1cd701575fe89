"""A Keras model as graph nodes, built from its weights.

Recurrent layers become nodes of their own, a plugin's layer what its Spec writes. Any other layer, of Keras, of
kerasseq or of a plugin, is followed operation by operation through its `call`, and so is a cell, inside a loop.
"""

# B batch, T time

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
from keras import tree

from kerasseq.backend.functional import calls
from kerasseq.exporters.onnx.loops import is_loop, looped
from kerasseq.exporters.onnx.operations import converted, tensors
from kerasseq.exporters.onnx.recurrent import RECURRENT, recurrent
from kerasseq.exporters.onnx.writer import Tensor, Writer, carrier
from kerasseq.exporters.tracing.trace import Step, Untraceable, step_of, trace
from kerasseq.layers.blend import Blend
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.spec import Spec

__all__ = ["model_nodes"]


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
    network = _Network(graph, specs)
    kinds = {"int32": "int64"}
    known = {id(t): Tensor(inputs[t.name], kinds.get(t.dtype, t.dtype), t.shape) for t in model.inputs}
    for node in calls(model):
        network.add(step_of(node), known, "")
    return {name: network.writer.get(known[id(model.output[name])]) for name in wanted}


class _Network:
    """Layers and operations, one after another."""

    def __init__(self, graph: Graph, specs: Iterable[Spec]) -> None:
        self.graph = graph
        self.writer = Writer(graph)
        self.specs = tuple(specs)

    def add(self, step: Step, known: dict[int, Tensor], layer: str) -> None:
        """Add the nodes of a call that `layer` makes; its outputs are known then."""
        made = (
            self._layer(step, known, outside=not layer)
            if isinstance(step.operation, keras.Layer)
            else converted(self.writer, step, known, layer)
        )
        known.update(zip(map(id, step.outputs), made, strict=True))

    def _layer(self, step: Step, known: dict[int, Tensor], outside: bool) -> list[Tensor]:
        layer, kind = step.operation, type(step.operation)
        args, kwargs = tensors(step.args, known), tensors(step.kwargs, known)
        of_keras = kind.__module__.partition(".")[0] == "keras"
        if of_keras and kind.__name__ in _WRITTEN and not _around_a_cell(layer):
            return self._given(self._written(layer, args, kwargs, outside), step)
        if of_keras and kind.__name__ in _PLAIN:
            return self._followed(step, known, outside)
        if isinstance(layer, Blend) and not layer.factors[0]:  # the network has no share: nothing asks for its nodes
            wide = self.writer.get(args[1])
            return self._given(self.graph.node("Mul", wide, self.graph.constant(np.float32(layer.factors[1]))), step)
        names = [self.writer.get(v) for v in (*args, *kwargs.values()) if isinstance(v, Tensor)]
        for spec in self.specs:
            found = spec.to_onnx(layer, self.graph, *names)
            if found is not NotImplemented:
                return self._given(found, step)
        if is_loop(layer):
            return self._given(self._looped(layer, args, kwargs, outside), step)
        return self._followed(step, known, outside)

    def _looped(self, layer: Any, args: Any, kwargs: Any, outside: bool) -> str | list[str]:
        given = inspect.signature(layer.call).bind(*args, **kwargs).arguments
        if tree.flatten(given.pop("initial_state", None) or []):
            raise Inexpressible(f"layer {layer.name!r}: must begin with the states of its cell")
        sequences, mask = given["sequences"], given.get("mask")
        masked = self.writer.get(mask) if isinstance(mask, Tensor) else ""
        x = self.writer.get(sequences, "float32")
        return looped(self.graph, layer, self._stepped, x, sequences.shape[-1], masked, exact=not outside)

    def _stepped(self, cell: Any, names: Sequence[str], symbols: Sequence[Any]) -> list[str]:
        """A cell inside a loop, whose nodes are of no use outside."""
        inner = _Network(self.graph, self.specs)
        known = {id(each): Tensor(name, each.dtype, each.shape) for each, name in zip(symbols, names, strict=True)}
        states = tree.pack_sequence_as(cell.state_size, list(symbols[1:]))
        states = states if tree.is_nested(states) else [states]
        found = inner._traced(cell, (symbols[0], states), {}, known, outside=False)
        return [inner.writer.get(each) for each in found]

    def _written(self, layer: Any, args: Any, kwargs: Any, outside: bool) -> str | list[str]:
        given = inspect.signature(layer.call).bind(*args, **kwargs).arguments
        states = [self.writer.get(each, "float32") for each in tree.flatten(given.pop("initial_state", None) or [])]
        names = {key: self.writer.get(value) for key, value in given.items() if isinstance(value, Tensor)}
        if type(layer).__name__ == "Rescaling":
            return _rescaling(self.graph, layer, **names)
        return recurrent(self.graph, layer, **names, states=states, exact=not outside)

    def _given(self, found: Any, step: Step) -> list[Tensor]:
        """Tensors of what a form gave; whole numbers are made those that Keras says."""
        names = found if isinstance(found, tuple | list) else [found]
        made = []
        for name, out in zip(names, step.outputs, strict=True):
            if carrier(out.dtype) in ("int32", "int64"):
                name = self.writer.node("Cast", name, to={"int32": 6, "int64": 7}[carrier(out.dtype)])
            made.append(Tensor(name, out.dtype, out.shape))
        return made

    def _followed(self, step: Step, known: dict[int, Tensor], outside: bool) -> list[Tensor]:
        return self._traced(step.operation, step.args, step.kwargs, known, outside)

    def _traced(self, layer: Any, args: Any, kwargs: Any, known: dict[int, Tensor], outside: bool) -> list[Tensor]:
        kind = type(layer)
        try:
            found = trace(layer, args, kwargs)
        except Untraceable as cause:
            hint = f"its Spec can write a {kind.__module__}.{kind.__name__} through to_onnx"
            raise Inexpressible(f"{cause}; {hint}") from cause
        inside = {id(new): known[id(old)] for new, old in found.inputs if id(old) in known}
        if outside:
            self.writer.finite.update(self.writer.get(each) for each in inside.values() if each.kind == "float32")
        for each in found.steps:
            self.add(each, inside, layer.name)
        answers = tensors(tree.flatten(found.outputs), inside)
        return [each if isinstance(each, Tensor) else Tensor("", "float32", (), np.asarray(each)) for each in answers]


def _around_a_cell(layer: Any) -> bool:
    """Whether it is `Bidirectional` around no layer that has a node of its own."""
    return isinstance(layer, keras.layers.Bidirectional) and type(layer.forward_layer).__name__ not in RECURRENT


def _rescaling(graph: Graph, layer: Any, inputs: str) -> str:
    """Keras's layer is made for pipelines of data, not of `keras.ops`."""
    scaled = graph.node("Mul", inputs, graph.constant(np.float32(layer.scale)))
    return graph.node("Add", scaled, graph.constant(np.float32(layer.offset)))


_WRITTEN = frozenset(("Rescaling", *RECURRENT))
"""Layers of Keras that are not followed."""

_PLAIN = frozenset(
    "Embedding Dense Dropout Activation Reshape LayerNormalization BatchNormalization Add Subtract Multiply".split()
)
"""Layers of Keras that no Spec is asked for."""
