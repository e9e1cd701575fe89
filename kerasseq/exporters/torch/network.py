"""A Keras model as one module of torch alone, and that as a program of any batch and any length."""

# B batch, T time

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import torch
from keras import tree
from torch import nn
from torch.export import Dim, ExportedProgram

from kerasseq.backend.functional import calls
from kerasseq.corpus.examples import MASK
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch.layers import Part, in_torch
from kerasseq.exporters.torch.recurrent import kept_whole

if TYPE_CHECKING:
    from kerasseq.tasks.task import Task

__all__ = ["Network", "program", "time_of"]

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
        task: Makes answers of its outputs, see `Task.in_torch`.

    Called with one tensor for each input, ids `(B, T)` int64, 0 at padding; gives what the task makes of the outputs.

    Attributes:
        answers: Type and shape of each.

    Raises:
        Refused: A layer, an operation or the outputs have no form here.
    """

    def __init__(self, model: Any, task: Task) -> None:
        super().__init__()
        self.layers = nn.ModuleDict()
        wanted = [out.name for out in task.outputs if not out.optional]
        missing = [name for name in wanted if name not in model.output]
        if missing:
            got = ", ".join(model.output)
            raise Refused(f"model.pt2: the model must give {', '.join(missing)}, got {got}; nothing was written")
        self._in_torch = task.in_torch
        self.answers = task.torch_answers
        numbers = {id(tensor): n for n, tensor in enumerate(model.inputs)}
        parts: dict[int, Part] = {}
        self._steps = [self._step(node, numbers, parts) for node in calls(model)]
        self._numbers = {name: numbers[id(model.output[name])] for name in wanted}
        self._inputs = len(model.inputs)

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

    def forward(self, *inputs: Tensor) -> dict[str, Tensor]:
        known: dict[int, Tensor] = dict(enumerate(inputs))
        for step in self._steps:
            found = step.part(*_filled(step.arguments, known), **_filled(step.options, known))
            known.update(zip(step.outputs, found if isinstance(found, tuple) else [found], strict=True))
        return self._in_torch({name: known[number] for name, number in self._numbers.items()})


def _filled(value: Any, known: dict[int, Tensor]) -> Any:
    if isinstance(value, _Ref):
        return known[value.number]
    if isinstance(value, dict):
        return {key: _filled(each, known) for key, each in value.items()}
    return type(value)(_filled(each, known) for each in value) if isinstance(value, list | tuple) else value


def time_of(name: str) -> str:
    """The name of an input's time axis: `"tokens_2"` -> `"time_2"`; inputs with a mask share theirs."""
    return name.removesuffix(MASK).replace("tokens", "time")


def program(network: Network, model: Any) -> ExportedProgram:
    """The network as a program of torch.export.

    Args:
        network: See there.
        model: What it was made from; the lengths of different inputs are free of each other.

    Raises:
        Refused: torch cannot export it with free sizes.
    """
    batch = Dim("batch")
    times: dict[str, Any] = {}
    arguments, sizes = [], []
    for tensor in model.inputs:
        kind = {"bool": torch.bool, "float32": torch.float32}.get(tensor.dtype, torch.int64)
        example = torch.tensor([[1, 1, 0], [1, 0, 0]])
        for size in tensor.shape[2:]:
            example = example[..., None].expand(*example.shape, size)
        arguments.append(example.clone().to(kind))
        time = time_of(tensor.name)
        sizes.append({0: batch, 1: times.setdefault(time, Dim(time))})
    shapes = {"inputs": tuple(sizes)}
    try:
        with torch.no_grad(), kept_whole():
            return torch.export.export(network.eval(), tuple(arguments), dynamic_shapes=shapes, strict=False)
    except Exception as cause:  # what this torch cannot say comes in many kinds
        said = " ".join(str(cause).split())[:300]
        message = f"torch {torch.__version__} must export the network with free sizes, got: {said}"
        raise Refused(f"model.pt2: {message}; nothing was written") from cause
