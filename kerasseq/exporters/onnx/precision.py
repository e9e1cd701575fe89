"""Smaller numbers in an ONNX file: weights are stored in fewer bits, and computed with in float32.

So no answer hangs on its neighbours in a batch. Of a table the rows that are asked for become float32 at each call, and
the table stays small in memory. Other weights become float32 once: onnxruntime folds a Cast and a product of constants
when it opens a file. A DequantizeLinear it computes at every call, or makes a product of 8-bit numbers of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from kerasseq.exporters.onnx.sealing import sealed_bytes

__all__ = ["smaller"]

SMALL = 256
"""Constants of fewer numbers stay as they are."""

NARROW = 8
"""Where fewer numbers share a scale, float16 takes about as much as 8 bits do."""

LEVELS = 127

_RECURRENT = ("LSTM", "GRU", "RNN")

Uses = Mapping[str, Sequence[tuple[NodeProto, int]]]
"""By the name of a tensor the nodes that read it, and as which of their inputs."""


@dataclass(frozen=True)
class _Form:
    """A constant in fewer bits.

    Attributes:
        kind: `int8` or `float16`.
        numbers: Of that type, in the constant's shape.
        scales: What they are multiplied by, float32, 1 along the axes that share one; None of float16.
    """

    kind: str
    numbers: NDArray[Any]
    scales: NDArray[np.float32] | None = None

    def stored(self, name: str) -> Iterator[TensorProto]:
        """Constants that stand for the one called `name`."""
        yield numpy_helper.from_array(self.numbers, f"{name}_numbers")
        if self.scales is not None:
            yield numpy_helper.from_array(self.scales, f"{name}_scales")

    def back(self, name: str) -> list[NodeProto]:
        """Nodes that give `name` in float32, from numbers and scales that are called after it."""
        cast = name if self.scales is None else f"{name}_cast"
        nodes = [helper.make_node("Cast", [f"{name}_numbers"], [cast], to=TensorProto.FLOAT, name=f"Cast_{name}")]
        if self.scales is not None:
            nodes.append(helper.make_node("Mul", [cast, f"{name}_scales"], [name], name=f"Scale_{name}"))
        return nodes

    def picked(self, table: str, gather: NodeProto) -> list[NodeProto]:
        """Nodes in the place of one that gathers rows: those of the numbers, and what gives them back."""
        places, out = gather.input[1], gather.output[0]
        parts = ["numbers"] if self.scales is None else ["numbers", "scales"]
        return [
            *(helper.make_node("Gather", [f"{table}_{p}", places], [f"{out}_{p}"], name=f"{out}_{p}") for p in parts),
            *self.back(out),
        ]


def smaller(precision: str, path: Path, target: Path) -> dict[str, str]:
    """Write the file at `path` anew with weights of another type.

    Args:
        precision: `float16`, all of them; or `int8`, tables, recurrent layers and products, with a scale for each row
            of a table, unit of a gate and output of a product (Jacob et al., 2018). Of those, too, float16 is what few
            numbers would share a scale of.
        path: A float32 file.
        target: Where the smaller one goes.

    Returns:
        What was changed.
    """
    model = onnx.load(path)
    changed = _store(model.graph, precision)
    for entry in model.metadata_props:
        if entry.key == "kerasseq.precision":
            entry.value = precision
    target.write_bytes(sealed_bytes(model))
    said = [f"stored in {kind}: {', '.join(counts)}" for kind, counts in changed.items() if counts]
    return {"weights": "; ".join([*said, "computed in float32"]) if said else "as they were, for none has many numbers"}


def _store(graph: onnx.GraphProto, precision: str) -> dict[str, list[str]]:
    """Replace large constants by smaller ones and the nodes that give them back.

    Returns:
        By the type that they are stored in the nodes that read them, `1 LSTM`.
    """
    given = {each.name for each in graph.input}  # what stands there for an input that is left out is no weight
    uses = _uses(graph)
    kept: list[TensorProto] = []
    first: list[NodeProto] = []
    instead: dict[str, list[NodeProto]] = {}
    readers: dict[str, dict[str, str]] = {"int8": {}, "float16": {}}
    for constant in graph.initializer:
        form = None if constant.name in given else _form(constant, uses, precision)
        if form is None:
            kept.append(constant)
            continue
        kept += form.stored(constant.name)
        read = uses.get(constant.name, ())
        picks = [node for node, place in read if _picks_rows(node, place)]
        instead |= {node.output[0]: form.picked(constant.name, node) for node in picks}
        first += form.back(constant.name) if len(picks) < len(read) else []
        readers[form.kind] |= {each.output[0]: each.op_type for node, _ in read for each in _readers(node, uses)}
    del graph.initializer[:]
    graph.initializer.extend(kept)
    _rewrite(graph, instead, first)
    return {kind: _counted(list(found.values())) for kind, found in readers.items()}


def _counted(kinds: Sequence[str]) -> list[str]:
    """`1 LSTM`, `2 Gather`."""
    return [f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))]


def _uses(graph: onnx.GraphProto) -> dict[str, list[tuple[NodeProto, int]]]:
    """Who reads each tensor, in graphs inside too."""
    found: dict[str, list[tuple[NodeProto, int]]] = {}
    for node in graph.node:
        for place, name in enumerate(node.input):
            found.setdefault(name, []).append((node, place))
        for inside in _graphs(node):
            for name, read in _uses(inside).items():
                found.setdefault(name, []).extend(read)
    return found


def _readers(node: NodeProto, uses: Uses) -> list[NodeProto]:
    """A node, or behind one that only turns axes those that read it."""
    if node.op_type != "Transpose":
        return [node]
    return [each for reader, _ in uses.get(node.output[0], ()) for each in _readers(reader, uses)]


def _graphs(node: NodeProto) -> list[onnx.GraphProto]:
    return [attribute.g for attribute in node.attribute if attribute.HasField("g")]


def _rewrite(graph: onnx.GraphProto, instead: Mapping[str, Sequence[NodeProto]], first: Sequence[NodeProto]) -> None:
    """Put nodes in the place of those that gave the same, and others before all."""
    for node in graph.node:
        for inside in _graphs(node):
            _rewrite(inside, instead, ())
    nodes = [*first, *(new for node in graph.node for new in instead.get(node.output[0], [node]))]
    del graph.node[:]
    graph.node.extend(nodes)


def _form(constant: TensorProto, uses: Uses, precision: str) -> _Form | None:
    """A constant in fewer bits; None for one that stays as it is."""
    if constant.data_type != TensorProto.FLOAT or math.prod(constant.dims) < SMALL:
        return None
    weights = numpy_helper.to_array(constant)
    if precision == "int8":
        axes = _shared(constant.name, uses, weights.ndim)
        if axes is None:
            return None
        if math.prod(weights.shape[axis] for axis in axes) >= NARROW:
            return _in_bytes(weights, axes)
    with np.errstate(over="ignore"):
        half = weights.astype(np.float16)
    return _Form("float16", half) if np.isfinite(half).all() else None


def _in_bytes(weights: NDArray[np.float32], axes: tuple[int, ...]) -> _Form:
    """Weights as whole numbers up to `LEVELS`, which share a scale along some axes."""
    largest = np.abs(weights).max(axis=axes, keepdims=True)
    scales = (np.maximum(largest, np.finfo(np.float32).tiny * LEVELS) / LEVELS).astype(np.float32)
    return _Form("int8", np.rint(weights / scales).astype(np.int8), scales)


def _shared(name: str, uses: Uses, rank: int) -> tuple[int, ...] | None:
    """Axes along which the numbers of a constant share a scale: of a table, which may be the weights of a product too,
    those of a row. None for what is no table and no weight of a layer or a product.
    """
    read = uses.get(name, ())
    found = [_summed(node, place, uses, rank) for node, place in read]
    if not found or None in found:
        return None
    of_rows = [axes for axes, (node, place) in zip(found, read, strict=True) if _picks_rows(node, place)]
    return (of_rows or found)[0]


def _picks_rows(node: NodeProto, place: int) -> bool:
    return node.op_type == "Gather" and place == 0 and _attribute(node, "axis", 0) == 0


def _summed(node: NodeProto, place: int, uses: Uses, rank: int) -> tuple[int, ...] | None:
    """Axes of an input over which a node adds up, or that it takes together."""
    if _picks_rows(node, place) or (node.op_type == "Conv" and place == 1):
        return tuple(range(1, rank))
    if node.op_type in _RECURRENT and place in (1, 2):
        return (2,)
    if node.op_type == "MatMul" and rank > 1:
        return (rank - 2 if place else rank - 1,)
    if node.op_type == "Gemm" and place < 2:
        turned = _attribute(node, "transB" if place else "transA", 0)
        return (int(bool(turned) == bool(place)),)
    if node.op_type == "Transpose":
        order = _attribute(node, "perm", list(reversed(range(rank))))
        found = _shared(node.output[0], uses, rank)
        return None if found is None else tuple(sorted(order[axis] for axis in found))
    if node.op_type == "Einsum":
        return _left_out(_attribute(node, "equation", b"").decode(), place)
    return None


def _left_out(equation: str, place: int) -> tuple[int, ...] | None:
    """Axes of an operand that the answer does not have: of `ab,bc->ac` at place 1 the first."""
    taken, arrow, answer = equation.replace(" ", "").partition("->")
    letters = taken.split(",")[place]
    axes = tuple(axis for axis, letter in enumerate(letters) if letter not in answer)
    return axes if arrow and axes and "." not in equation else None


def _attribute(node: NodeProto, name: str, usual: Any) -> Any:
    return next((helper.get_attribute_value(each) for each in node.attribute if each.name == name), usual)
