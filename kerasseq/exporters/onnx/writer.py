"""What operations of Keras write into a graph with: tensors whose type and axes are known, and numbers of their type.

A file computes in float32, int32, int64 and bool; the other types of Keras are carried by one of these.
"""

# B batch, T time, U features of a step

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerasseq.onnx_graph.graph import Graph, Inexpressible

__all__ = ["FIRST", "LAST", "Tensor", "Value", "Writer", "carrier", "common"]

_CARRIERS = {
    **dict.fromkeys(("float32", "float16", "bfloat16", "float64"), "float32"),
    **dict.fromkeys(("int32", "int16", "int8", "uint16", "uint8"), "int32"),
    **dict.fromkeys(("int64", "uint32"), "int64"),
    "bool": "bool",
}
_WRAPPED = {"int16": 5, "int8": 3, "uint16": 4, "uint8": 2, "uint32": 12}
"""Types that a wider one carries, as ONNX counts them: what overflows comes round as in the model."""

FIRST, LAST = -(2**63), 2**63 - 1
"""Ends of any axis, for a slice."""

_ORDER = ("bool", "int32", "int64", "float32")


def carrier(dtype: str) -> str:
    """The type that carries one of Keras.

    Raises:
        Inexpressible: None does.
    """
    if dtype not in _CARRIERS:
        raise Inexpressible(f"numbers must be of one of {', '.join(_CARRIERS)}, got {dtype}")
    return _CARRIERS[dtype]


@dataclass(frozen=True)
class Tensor:
    """A tensor of the model.

    Attributes:
        name: In the graph; "" for one that no node holds yet, because it may never be needed.
        dtype: As Keras says; the graph has its `carrier`.
        shape: As Keras says, None where only a run can tell.
        value: Of a constant.
        fill: The one number that every place holds.
        like: Name of a tensor whose shape it has; with `fill`.
        weighed: Names of steps `(B, T, U)` and of their weights `(B, T, 1)` whose product it is.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...]
    value: NDArray[Any] | None = None
    fill: float | None = None
    like: str = ""
    weighed: tuple[str, str] | None = None

    @property
    def kind(self) -> str:
        """The type in the graph."""
        return carrier(self.dtype)


Value = Any
"""What an operation is called with: a `Tensor`, or numbers of Python, which take the type of what they meet."""


class Writer:
    """Adds nodes to a graph, equal ones once.

    Attributes:
        graph: Where to.
        sizes: Of the name of a number, the tensor and the axis whose size it is.
        finite: Names of tensors that are finite at masked steps, too, so that weight 0 hides a step.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.sizes: dict[str, tuple[str, int]] = {}
        self.finite: set[str] = set()
        self._made: dict[Any, list[str]] = {}

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        """See `Graph.node`."""
        return self.nodes(op, *inputs, outputs=1, **attributes)[0]

    def nodes(self, op: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """See `Graph.nodes`."""
        key = op, inputs, outputs, repr(sorted(attributes.items()))
        if key not in self._made:
            self._made[key] = self.graph.nodes(op, *inputs, outputs=outputs, **attributes)
        return self._made[key]

    def get(self, value: Value, kind: str = "") -> str:
        """The name of a value as numbers of a type of the graph; without `kind`, of its own."""
        if not isinstance(value, Tensor):
            return self.number(value, kind or kind_of(value))
        kind = kind or value.kind
        if value.value is not None:
            return self.number(value.value, kind)
        if value.fill is not None:
            return self.node("Expand", self.number(value.fill, kind), self.shape(value.like))
        name = value.name or self.node("Mul", *(value.weighed or ()))
        return self.cast(name, value.kind, kind)

    def number(self, value: Any, kind: str) -> str:
        """A constant of a type of the graph."""
        array = np.asarray(value)
        return self.graph.constant(array != 0 if kind == "bool" else array, kind)

    def ints(self, *values: int) -> str:
        """A constant row of int64, as axes, sizes and ends are given."""
        return self.graph.constant(values, np.int64)

    def cast(self, name: str, kind: str, other: str) -> str:
        """A tensor of the type `kind` as one of the type `other`."""
        if kind == other:
            return name
        key = "Cast", name, other
        if key not in self._made:
            self._made[key] = [self.graph.cast(name, other)]
        return self._made[key][0]

    def wrapped(self, name: str, dtype: str) -> str:
        """What a type of Keras holds of a number of its carrier."""
        if dtype not in _WRAPPED:
            return name
        return self.node(
            "Cast", self.node("Cast", name, to=_WRAPPED[dtype]), to={"int32": 6, "int64": 7}[carrier(dtype)]
        )

    def together(self, kind: str, *values: Value) -> list[str]:
        """The names of values that meet in one operation by element; one that is filled like another is a number."""
        names = {value.name for value in values if isinstance(value, Tensor) and value.fill is None}
        return [
            self.number(value.fill, kind)
            if isinstance(value, Tensor) and value.fill is not None and value.like in names
            else self.get(value, kind)
            for value in values
        ]

    def weighed(self, out: Tensor, steps: Value, weights: Value) -> Tensor | None:
        """Steps `(B, T, U)` times weights `(B, T, 1)`, of which a sum over time is a product of matrices; else None."""
        pair = steps, weights
        if out.kind != "float32" or not all(isinstance(each, Tensor) and len(each.shape) == 3 for each in pair):
            return None
        if steps.shape[:2] != weights.shape[:2] or weights.shape[2] != 1 or 1 in steps.shape or steps.fill is not None:
            return None
        return Tensor("", out.dtype, out.shape, weighed=(self.get(steps, "float32"), self.get(weights, "float32")))

    def shape(self, name: str) -> str:
        """The sizes of a tensor, a row of int64."""
        return self.node("Shape", name)

    def size(self, name: str, axis: int) -> str:
        """The size of one axis, counted from the front: int64 `(1,)`."""
        return self.node("Shape", name, start=axis, end=axis + 1)

    def own(self, name: str, axis: int, size: int | None) -> Value:
        """The size of an axis, a number where it is known."""
        if size is not None:
            return size
        found = self.size(name, axis)
        self.sizes[found] = name, axis
        return Tensor(found, "int64", (1,))

    def row(self, values: Sequence[Value]) -> str:
        """Whole numbers, some of which only a run can tell, as a row of int64."""
        if all(isinstance(value, int) for value in values):
            return self.ints(*values)
        parts = [self._entry(value) for value in values]
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=0)

    def _entry(self, value: Value) -> str:
        if isinstance(value, Tensor) and value.name in self.sizes:
            return self.size(*self.sizes[value.name])
        if isinstance(value, Tensor):
            return self.node("Reshape", self.get(value, "int64"), self.ints(1))
        return self.ints(operator.index(value))

    def reshape(self, name: str, sizes: Sequence[Value]) -> str:
        """Another shape; a size that is the tensor's own, at its place, is copied."""
        own = (
            0 if isinstance(size, Tensor) and self.sizes.get(size.name) == (name, axis) else size
            for axis, size in enumerate(sizes)
        )
        return self.node("Reshape", name, self.row(list(own)))

    def flat(self, value: Tensor, kind: str = "") -> str:
        """All numbers in a row."""
        return self.node("Reshape", self.get(value, kind), self.ints(-1))

    def unsqueeze(self, name: str, *axes: int) -> str:
        """Axes of size 1 at these places of the answer."""
        return self.node("Unsqueeze", name, self.ints(*axes)) if axes else name

    def squeeze(self, name: str, *axes: int) -> str:
        """Without these axes of size 1."""
        return self.node("Squeeze", name, self.ints(*axes)) if axes else name

    def slice(self, name: str, axis: int, start: Value, stop: Value, step: Value = 1) -> str:
        """A part of an axis."""
        ends = (self.row([end]) for end in (start, stop))
        return self.node("Slice", name, *ends, self.ints(axis), self.row([step]))


def kind_of(value: Value) -> str:
    """The type of the graph for a value that meets no other."""
    if isinstance(value, Tensor):
        return value.kind
    kind = np.asarray(value).dtype.kind
    return {"b": "bool", "i": "int32"}.get(kind, "float32")


def common(*values: Value) -> str:
    """The type of the graph in which values meet, where Keras gives none."""
    return max((kind_of(value) for value in values), key=_ORDER.index)
