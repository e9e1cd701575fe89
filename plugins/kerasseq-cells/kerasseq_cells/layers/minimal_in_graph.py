"""Minimal recurrent layers as a loop of ONNX."""

# B batch, T time, D features in, U units

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasseq.plugin import Graph
from kerasseq_cells.layers.minimal import MinGRULayer, Minimal

__all__ = ["walked"]


def walked(built: Any, graph: Graph, *inputs: str) -> Any:
    """Steps `(B, T, directions * U)` of a `Minimal` layer; `NotImplemented` for any other."""
    if not isinstance(built, Minimal):
        return NotImplemented
    x, mask = [*inputs, ""][:2]
    ways = [_walk(graph, built, way, x, mask) for way in built.ways]
    return graph.node("Concat", *ways, axis=-1)


def _walk(graph: Graph, built: Minimal, way: str, x: str, mask: str) -> str:
    node = graph.node
    kernel, bias = (graph.weights(getattr(built, f"{way}_{part}")) for part in ("kernel", "bias"))
    gates = node("Add", node("MatMul", x, kernel), bias)
    sizes = graph.constant([built.units] * built.parts, np.int64)
    parts = graph.nodes("Split", gates, sizes, outputs=built.parts, axis=-1)
    a, b = _pairs(graph, isinstance(built, MinGRULayer), parts)
    if mask:
        column = node("Unsqueeze", mask, graph.constant([2], np.int64))
        a, b = (node("Where", column, each, graph.constant(np.float32(rest))) for each, rest in ((a, 1), (b, 0)))
    row = node("Concat", graph.size(x, 0), graph.constant([built.units], np.int64), axis=0)
    start = node("Expand", graph.constant(np.float32(0)), row)

    def step(h: str, kept: str, new: str) -> tuple[Sequence[str], Sequence[str]]:
        h = node("Add", node("Mul", kept, h), new)
        return [h], [h]

    steps = [node("Transpose", each, perm=[1, 0, 2]) for each in (a, b)]
    return node("Transpose", graph.scan([start], steps, step, backwards=way == "backward")[1], perm=[1, 0, 2])


def _pairs(graph: Graph, is_gru: bool, parts: Sequence[str]) -> tuple[str, str]:
    node = graph.node
    if is_gru:
        z, new = parts
        return node("Sigmoid", node("Neg", z)), node("Mul", node("Sigmoid", z), new)
    f, i, new = parts
    # ln s(f) - ln s(i)
    kept = node("Sigmoid", node("Sub", node("Softplus", node("Neg", i)), node("Softplus", node("Neg", f))))
    return kept, node("Mul", node("Sub", graph.constant(np.float32(1)), kept), new)
