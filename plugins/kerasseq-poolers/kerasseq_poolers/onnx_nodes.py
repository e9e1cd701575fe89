"""What the poolers share in an ONNX graph."""

# B batch, T time, U features of a step, R heads

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from kerasseq.exporters.onnx_graph import Graph

__all__ = ["FLOAT", "attend", "count", "divided", "floats", "last_k", "top_k_mean", "weighted_sum"]

FLOAT = 1
"""ONNX's number of float32."""

_LOWEST = np.float32(-3e38)


def floats(graph: Graph, variable: Any) -> str:
    """A weight of a layer as a constant."""
    from keras import ops

    return graph.weights(ops.convert_to_numpy(variable))


def count(graph: Graph, mask: str) -> str:
    """How many steps are valid, `(B, 1)` float."""
    valid = graph.node("Cast", mask, to=FLOAT)
    return graph.node("ReduceSum", valid, graph.constant([1], np.int64), keepdims=1)


def divided(graph: Graph, total: str, parts: str) -> str:
    """`total / parts`, where no part gives `total`."""
    return graph.node("Div", total, graph.node("Max", parts, graph.constant(np.float32(1))))


def weighted_sum(graph: Graph, x: str, weights: str) -> str:
    """`(B, T, U)` by weights `(B, T)` -> `(B, U)`."""
    one = graph.constant([1], np.int64)
    return graph.node("Squeeze", graph.node("MatMul", graph.node("Unsqueeze", weights, one), x), one)


def attend(graph: Graph, x: str, scores: str, mask: str) -> tuple[str, str]:
    """Softmax of scores `(B, T, R)` over valid steps: the means `(B, R, U)` and the weights `(B, T, R)`."""
    valid = graph.node("Unsqueeze", graph.node("Cast", mask, to=FLOAT), graph.constant([2], np.int64))  # (B, T, 1)
    truth = graph.node("Unsqueeze", mask, graph.constant([2], np.int64))
    scores = graph.node("Where", truth, scores, graph.constant(_LOWEST))
    powers = graph.node("Exp", graph.node("Sub", scores, graph.node("ReduceMax", scores, axes=[1], keepdims=1)))
    powers = graph.node("Mul", powers, valid)
    total = graph.node("ReduceSum", powers, graph.constant([1], np.int64), keepdims=1)  # (B, 1, R)
    some = graph.node("Greater", total, graph.constant(np.float32(0)))
    weights = graph.node("Div", powers, graph.node("Where", some, total, graph.constant(np.float32(1))))
    means = graph.node("MatMul", graph.node("Transpose", weights, perm=[0, 2, 1]), graph.node("Mul", x, valid))
    return means, weights


def last_k(graph: Graph, x: str, mask: str, k: int, directions: int) -> str:
    """Mean of the last k valid steps of each direction, `(B, U)`."""
    valid = graph.node("Cast", mask, to=FLOAT)  # (B, T)
    total = count(graph, mask)
    so_far = graph.node("CumSum", valid, graph.constant(np.int64(1)))
    many = graph.constant(np.float32(k))
    parts = graph.node("Min", total, many)

    def mean(half: str, chosen: str) -> str:
        weights = graph.node("Mul", graph.node("Cast", chosen, to=FLOAT), valid)
        return divided(graph, weighted_sum(graph, half, weights), parts)

    late = graph.node("Greater", so_far, graph.node("Sub", total, many))
    if directions == 1:
        return mean(x, late)
    halves = graph.nodes("Split", x, outputs=2, axis=2)
    early = graph.node("Not", graph.node("Greater", so_far, many))
    return graph.node("Concat", mean(halves[0], late), mean(halves[1], early), axis=1)


def top_k_mean(graph: Graph, x: str, mask: str, k: int) -> str:
    """Mean of the k largest values of each feature over the valid steps, `(B, U)`."""
    truth = graph.node("Unsqueeze", mask, graph.constant([2], np.int64))
    lowest = graph.constant(_LOWEST)
    padded = graph.node(
        "Pad", graph.node("Where", truth, x, lowest), graph.constant([0, 0, 0, 0, k, 0], np.int64), lowest
    )
    largest = graph.nodes("TopK", padded, graph.constant([k], np.int64), outputs=2, axis=1)[0]  # (B, k, U)
    total = count(graph, mask)
    ranks = graph.constant(np.arange(k, dtype=np.float32)[None, :])
    taken = graph.node("Cast", graph.node("Less", ranks, total), to=FLOAT)  # (B, k)
    return divided(graph, weighted_sum(graph, largest, taken), graph.node("Min", total, graph.constant(np.float32(k))))
