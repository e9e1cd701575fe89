"""Calls of layers and operations one after another, as one module of torch alone."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import torch
from keras import tree
from torch import nn

from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch.layers import Part, in_torch
from kerasseq.exporters.torch.operations import operation
from kerasseq.exporters.tracing.trace import Step, Untraceable, constant_of, trace

__all__ = ["Steps"]

Tensor = Any


class _Ref(NamedTuple):
    """A tensor by its number."""

    number: int


class _Weight(NamedTuple):
    """A weight or a constant by its name in the module."""

    name: str


class _Call(NamedTuple):
    part: Part | str
    arguments: Any
    options: dict[str, Any]
    outputs: list[int]


class Steps(nn.Module):
    """What steps compute.

    Args:
        steps: In an order in which they can be computed.
        inputs: Symbolic tensors that are given.
        outputs: Symbolic tensors, or constants, that are wanted.
        layer: Whose steps they are, for messages; "" for a model.
        weights: Of weights that are here already, by the identity of their variable: shared layers have them once.

    Called with a tensor for each input, gives one for each output.

    Raises:
        Refused: A layer or an operation has no form here.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        layer: str = "",
        weights: dict[int, nn.Parameter] | None = None,
    ) -> None:
        super().__init__()
        self.parts = nn.ModuleDict()
        self._layer = layer
        self._weights = {} if weights is None else weights
        self._made: dict[int, Part | str] = {}
        numbers = {id(tensor): n for n, tensor in enumerate(inputs)}
        self._calls = [self._call(step, numbers) for step in steps]
        self._outputs = self._filled_in(list(outputs), numbers)

    def _call(self, step: Step, numbers: dict[int, int]) -> _Call:
        part, args, kwargs = self._part(step, numbers)
        arguments, options = self._filled_in((list(args), dict(kwargs)), numbers)
        for tensor in step.outputs:
            numbers[id(tensor)] = len(numbers)
        return _Call(part, arguments, options, [numbers[id(tensor)] for tensor in step.outputs])

    def _part(self, step: Step, numbers: Mapping[int, int]) -> tuple[Part | str, Any, Any]:
        """What computes a call, and what it is called with."""
        if not isinstance(step.operation, keras.Layer):
            kinds = [str(tensor.dtype) for tensor in step.outputs]
            settings = {key: value for key, value in step.settings.items() if key != "dtype"}
            return operation(type(step.operation).__name__, self._layer, kinds), step.args, {**step.kwargs, **settings}
        if id(step.operation) not in self._made:
            part = in_torch(step.operation)
            if part is None:
                return self._followed(step, numbers)
            self._made[id(step.operation)] = self._kept(step.operation.name, part)
        first, *rest = inspect.signature(step.operation.call).bind(*step.args, **step.kwargs).arguments.items()
        return self._made[id(step.operation)], first[1:], {k: v for k, v in rest if k != "training" and v is not None}

    def _followed(self, step: Step, numbers: Mapping[int, int]) -> tuple[Part | str, Any, Any]:
        """A layer that has no form of its own, by the operations of its `call`."""
        layer = step.operation
        try:
            found = trace(layer, step.args, step.kwargs)
        except Untraceable as cause:
            raise Refused(f"model.pt2: {cause}; nothing was written") from cause
        inputs = [(new, old) for new, old in found.inputs if id(old) in numbers]
        wanted = tree.flatten(found.outputs)
        steps = Steps(found.steps, [new for new, _ in inputs], wanted, layer.name, self._weights)
        return self._kept(layer.name, steps), [old for _, old in inputs], {}

    def _kept(self, name: str, part: Part) -> Part | str:
        """A module by its name: torch 2.4 finds the path of those alone that it comes to by attributes."""
        if not isinstance(part, nn.Module):
            return part
        key = f"{name.replace('.', '_')}_{len(self.parts)}"
        self.parts[key] = part
        return key

    def _filled_in(self, structure: Any, numbers: Mapping[int, int]) -> Any:
        """With the number of each symbolic tensor and the name of each weight in its place."""

        def leaf(value: Any) -> Any:
            if isinstance(value, keras.KerasTensor):
                return _Ref(numbers[id(value)])
            found = constant_of(value)
            return _Weight(self._held(value, found)) if isinstance(found, np.ndarray | np.generic) else found

        return tree.map_structure(leaf, structure)

    def _held(self, value: Any, array: Any) -> str:
        made = torch.tensor(np.asarray(array))
        weight = nn.Parameter(made.float() if made.is_floating_point() else made, requires_grad=False)
        if isinstance(value, keras.Variable):
            weight = self._weights.setdefault(id(value), weight)
        name = f"weight_{len(self._parameters)}"
        self.register_parameter(name, weight)
        return name

    def forward(self, *given: Tensor) -> list[Tensor]:
        known: dict[int, Tensor] = dict(enumerate(given))
        for call in self._calls:
            part: Any = getattr(self.parts, call.part) if isinstance(call.part, str) else call.part
            found = part(*self._values(call.arguments, known), **self._values(call.options, known))
            several = found if isinstance(found, tuple | list) else [found]
            known.update(zip(call.outputs, several, strict=True))
        return [self._values(each, known) for each in self._outputs]

    def _values(self, value: Any, known: Mapping[int, Tensor]) -> Any:
        if isinstance(value, _Ref):
            return known[value.number]
        if isinstance(value, _Weight):
            return getattr(self, value.name)
        if isinstance(value, dict):
            return {key: self._values(each, known) for key, each in value.items()}
        return type(value)(self._values(each, known) for each in value) if isinstance(value, list | tuple) else value
