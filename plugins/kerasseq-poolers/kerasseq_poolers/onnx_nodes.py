"""What the poolers share in an ONNX graph, and the longer ones of their equations."""

# B batch, T time, U features of a step, R heads

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph

__all__ = ["attend", "last_k", "top_k_mean"]


def attend(graph: Graph, x: str, scores: str, mask: str) -> tuple[str, str]:
    """Softmax of scores `(B, T, R)` over valid steps: the means `(B, R, U)` and the weights `(B, T, R)`."""
    weights = graph.steps.softmax(scores, mask)
    means = graph.node("MatMul", graph.node("Transpose", weights, perm=[0, 2, 1]), graph.steps.masked(x, mask))
    return means, weights


def last_k(graph: Graph, x: str, mask: str, k: int, directions: int) -> str:
    """Mean of the last k valid steps of each direction, `(B, U)`."""
    so_far = graph.node("CumSum", graph.steps.valid(mask), graph.constant(np.int64(1)))  # (B, T)
    many = graph.constant(np.float32(k))

    def mean(half: str, chosen: str) -> str:
        return graph.steps.mean(half, graph.cast(graph.node("And", mask, chosen), "float32"))

    late = graph.node("Greater", so_far, graph.node("Sub", graph.steps.count(mask), many))
    if directions == 1:
        return mean(x, late)
    halves = graph.nodes("Split", x, outputs=2, axis=2)
    early = graph.node("Not", graph.node("Greater", so_far, many))
    return graph.node("Concat", mean(halves[0], late), mean(halves[1], early), axis=1)


def top_k_mean(graph: Graph, x: str, mask: str, k: int) -> str:
    """Mean of the k largest values of each feature over the valid steps, `(B, U)`."""
    lowest = graph.steps.lowest
    ends = graph.constant([0, 0, 0, 0, k, 0], np.int64)
    padded = graph.node("Pad", graph.steps.masked(x, mask, lowest), ends, graph.constant(np.float32(lowest)))
    largest = graph.nodes("TopK", padded, graph.constant([k], np.int64), outputs=2, axis=1)[0]  # (B, k, U)
    ranks = graph.constant(np.arange(k, dtype=np.float32)[None, :])
    taken = graph.cast(graph.node("Less", ranks, graph.steps.count(mask)), "float32")  # (B, k)
    return graph.steps.mean(largest, taken)
