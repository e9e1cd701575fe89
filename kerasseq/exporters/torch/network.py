"""A Keras model as one module of torch alone, and that as a program of any batch and any length."""

# B batch, T time, K classes

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import torch
from keras import tree
from torch import nn
from torch.export import Dim, ExportedProgram

from kerasseq.backend.functional import calls
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch.layers import Part, in_torch
from kerasseq.exporters.torch.recurrent import kept_whole

__all__ = ["Network", "program"]

Tensor = Any


class _Ref(NamedTuple):
    """A tensor by its number."""

    number: int


class _Step(NamedTuple):
    part: Part
    arguments: Any
    options: dict[str, Any]
    outputs: list[int]


class Network(nn.Module):
    """What a functional Keras model computes in use, step by step in its order.

    Args:
        model: A built functional model with a dict of outputs.
        labels: Whether it chooses a class.

    Called with ids `(B, T)` int64, 0 at padding, one tensor for each input; gives for classes `label` `(B,)` int64, the
    index of the likeliest one, and `probabilities` `(B, K)`, else `score` `(B,)`.

    Raises:
        Refused: A layer, an operation or the outputs have no form here.
    """

    def __init__(self, model: Any, labels: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleDict()
        self._answer = "logits" if labels else "score"
        if self._answer not in model.output:
            got = ", ".join(model.output)
            raise Refused(f"model.pt2: the model must give {self._answer}, got {got}; nothing was written")
        numbers = {id(tensor): n for n, tensor in enumerate(model.inputs)}
        parts: dict[int, Part] = {}
        self._steps = [self._step(node, numbers, parts) for node in calls(model)]
        self._number = numbers[id(model.output[self._answer])]

    def _step(self, node: Any, numbers: dict[int, int], parts: dict[int, Part]) -> _Step:
        def ref(leaf: Any) -> Any:
            return _Ref(numbers[id(leaf)]) if isinstance(leaf, keras.KerasTensor) else leaf

        operation = node.operation
        arguments, options = tree.map_structure(ref, (list(node.arguments.args), node.arguments.kwargs))
        if id(operation) not in parts:
            part = parts[id(operation)] = in_torch(operation)
            if isinstance(part, nn.Module):
                self.layers[operation.name.replace(".", "_")] = part
        for tensor in node.outputs:
            numbers[id(tensor)] = len(numbers)
        return _Step(parts[id(operation)], arguments, options, [numbers[id(tensor)] for tensor in node.outputs])

    def forward(self, tokens: Tensor, tokens_2: Tensor = None) -> dict[str, Tensor]:
        known: dict[int, Tensor] = {0: tokens, 1: tokens_2} if tokens_2 is not None else {0: tokens}
        for step in self._steps:
            found = step.part(*_filled(step.arguments, known), **_filled(step.options, known))
            known.update(zip(step.outputs, found if isinstance(found, tuple) else [found], strict=True))
        answer = known[self._number]
        if self._answer == "score":
            return {"score": answer}
        return {"label": answer.argmax(-1), "probabilities": torch.softmax(answer, -1)}


def _filled(value: Any, known: dict[int, Tensor]) -> Any:
    if isinstance(value, _Ref):
        return known[value.number]
    if isinstance(value, dict):
        return {key: _filled(each, known) for key, each in value.items()}
    return type(value)(_filled(each, known) for each in value) if isinstance(value, list | tuple) else value


def program(network: Network, inputs: int) -> ExportedProgram:
    """The network as a program of torch.export.

    Args:
        network: See there.
        inputs: 1, or 2 for pairs that are read apart; their lengths are free of each other.

    Raises:
        Refused: torch cannot export it with free sizes.
    """
    example = torch.tensor([[1, 1, 0], [1, 0, 0]])
    names = ("tokens", "tokens_2")[:inputs]
    batch = Dim("batch")
    shapes = {name: {0: batch, 1: Dim(name.replace("tokens", "time"))} for name in names}
    arguments = tuple(example.clone() for _ in names)
    try:
        with torch.no_grad(), kept_whole():
            return torch.export.export(network.eval(), arguments, dynamic_shapes=shapes, strict=False)
    except Exception as cause:  # what this torch cannot say comes in many kinds
        said = " ".join(str(cause).split())[:300]
        message = f"torch {torch.__version__} must export the network with free sizes, got: {said}"
        raise Refused(f"model.pt2: {message}; nothing was written") from cause
