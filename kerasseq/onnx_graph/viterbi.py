"""The best tags of a linear chain as graph nodes: one walk that remembers where each tag came from, and one back."""

# B batch, T time, K tags

from __future__ import annotations

from typing import Any

import numpy as np

from kerasseq.onnx_graph.graph import Graph

__all__ = ["viterbi"]


def viterbi(graph: Graph, scores: str, mask: str, transitions: Any, start: Any, end: Any) -> str:
    """The tagging of the largest score, `(B, T)` int64; 0 at masked steps, and of equal ones the smaller tag.

    Args:
        graph: Where nodes and constants are added.
        scores: `(B, T, K)` float32, of each tag at each step, finite where it is not valid, too.
        mask: `(B, T)` bool, True is valid, gaps allowed.
        transitions: `(K, K)`, from the row's tag to the column's, with large negative numbers for what cannot be.
        start: `(K,)`, of the first valid step.
        end: `(K,)`, of the last valid step.

    >>> graph = Graph()
    >>> scores = graph.input("scores", "float32", ["batch", "time", 2])
    >>> mask = graph.cast(graph.input("mask", "int64", ["batch", "time"]), "bool")
    >>> tags = viterbi(graph, scores, mask, np.zeros((2, 2)), np.zeros(2), np.zeros(2))
    >>> graph.output("tags", "int64", ["batch", "time"], tags)
    """
    transitions, start, end = (np.asarray(table, dtype=np.float32) for table in (transitions, start, end))
    each = graph.constant(np.arange(len(start)), np.int64)  # (K,): a tag that was kept comes from itself
    one, two = (graph.constant([axis], np.int64) for axis in (1, 2))
    into, first, last = (graph.constant(table) for table in (transitions, start, end))

    def forward(reached: str, begun: str, now: str, valid: str) -> tuple[list[str], list[str]]:
        paths = graph.node("Add", graph.node("Unsqueeze", reached, two), into)  # (B, K, K)
        best = graph.node("ReduceMax", paths, axes=[1], keepdims=0)
        before = graph.node("Where", begun, best, first)
        moved = graph.node("Where", valid, graph.node("Add", before, now), reached)
        chosen = graph.node("ArgMax", paths, axis=1, keepdims=0)
        came = graph.node("Where", graph.node("And", begun, valid), chosen, each)
        return [moved, graph.node("Or", begun, valid)], [came]

    def backward(tag: str, came: str) -> tuple[list[str], list[str]]:
        return [graph.node("GatherElements", came, tag, axis=1)], [tag]

    # A masked step behind the last one: onnxruntime's Scan needs a step
    longer = graph.node("Pad", scores, graph.constant([0, 0, 0, 0, 1, 0], np.int64))
    valid = graph.node("Pad", graph.cast(mask, "int32"), graph.constant([0, 0, 0, 1], np.int64))
    counts = graph.node("ReduceSum", valid, one, keepdims=1)  # (B, 1)
    begun = graph.node("Less", counts, graph.constant(np.int32(0)))  # nowhere
    nothing = graph.node("ReduceSum", longer, one, keepdims=0)  # (B, K), of no effect: the first valid step replaces it
    column = graph.cast(graph.node("Unsqueeze", valid, two), "bool")  # (B, T + 1, 1)
    steps = [graph.node("Transpose", x, perm=[1, 0, 2]) for x in (longer, column)]
    reached, _, came = graph.scan([nothing, begun], steps, forward)
    tag = graph.node("ArgMax", graph.node("Add", reached, last), axis=1, keepdims=1)  # (B, 1)
    path = graph.scan([tag], [came], backward, backwards=True)[1]  # (T + 1, B, 1)
    tags = graph.node("Transpose", graph.node("Squeeze", path, two), perm=[1, 0])
    tags = graph.node("Slice", tags, *(graph.constant([n], np.int64) for n in (0, -1, 1)))
    return graph.node("Where", mask, tags, graph.constant(np.int64(0)))
