"""Ids as graph nodes: truncation, and the two texts of a pair in one sequence.

The ids of a text fill a row of a matrix from the left; 0 stands behind its end.
"""

# B batch, T time before truncation, L longest sequence that the model reads

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kerasseq.tokenizers.tokenizer import SEPARATOR, Tokenizer

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph

__all__ = ["count", "joined", "lengths", "truncated"]


def truncated(graph: Graph, ids: str, tokenizer: Tokenizer) -> str:
    """What stays of every row, `(B, T)` -> `(B, min(T, L))`, at least one column."""
    longest = tokenizer.max_length
    rows = _at_least_one_column(graph, ids)
    if tokenizer.truncation == "head":
        return graph.node("Slice", rows, *(graph.constant([n], np.int64) for n in (0, longest, 1)))
    length = lengths(graph, rows)
    columns = graph.node("Min", graph.size(rows, 1), graph.constant([longest], np.int64))
    kept = graph.node("Min", length, graph.constant(np.int64(longest)))
    places = _range(graph, columns)  # (1, columns)
    return _taken(graph, rows, length, kept, places, tokenizer.truncation)


def joined(graph: Graph, first: str, second: str, tokenizer: Tokenizer) -> str:
    """Both texts with the separator between, as `Tokenizer.encode_pair`: the longer one gives first."""
    budget = tokenizer.max_length - 1
    half = budget // 2
    rows = [_at_least_one_column(graph, ids) for ids in (first, second)]
    one, two = (lengths(graph, ids) for ids in rows)  # (B, 1) each
    whole, half_, rest = (graph.constant(np.int64(n)) for n in (budget, half, budget - half))
    second_fits = graph.node("LessOrEqual", two, half_)
    first_fits = graph.node("LessOrEqual", one, rest)
    keep_one = graph.node(
        "Where",
        second_fits,
        graph.node("Min", one, graph.node("Sub", whole, two)),
        graph.node("Min", one, rest),
    )
    keep_two = graph.node(
        "Where",
        second_fits,
        two,
        graph.node("Where", first_fits, graph.node("Min", two, graph.node("Sub", whole, one)), half_),
    )
    separator = graph.constant(np.int64(1))
    total = graph.node("Add", graph.node("Add", keep_one, keep_two), separator)
    columns = graph.node("ReduceMax", total, axes=[0, 1], keepdims=0)
    places = _range(graph, graph.node("Reshape", columns, graph.constant([1], np.int64)))
    behind = graph.node("Sub", graph.node("Sub", places, keep_one), separator)  # places in the second text
    kept = [
        _taken(graph, ids, length, keep, where, tokenizer.truncation)
        for ids, length, keep, where in zip(rows, (one, two), (keep_one, keep_two), (places, behind), strict=True)
    ]
    between = graph.cast(graph.node("Equal", places, keep_one), "int64")
    mark = graph.node("Mul", between, graph.constant(np.int64(SEPARATOR)))
    return graph.node("Add", graph.node("Add", *kept), mark)


def lengths(graph: Graph, ids: str) -> str:
    """How many ids every row has, `(B, 1)`."""
    return count(graph, graph.node("Greater", ids, graph.constant(np.int64(0))))


def count(graph: Graph, where: str) -> str:
    """How often a row is true, `(B, 1)`."""
    return graph.node("ReduceSum", graph.cast(where, "int64"), graph.constant([1], np.int64), keepdims=1)


def _at_least_one_column(graph: Graph, ids: str) -> str:
    missing = graph.node("Sub", graph.constant([1], np.int64), graph.size(ids, 1))
    missing = graph.node("Max", missing, graph.constant([0], np.int64))
    zero = graph.constant([0], np.int64)
    return graph.node("Pad", ids, graph.node("Concat", zero, zero, zero, missing, axis=0))


def _range(graph: Graph, size: str) -> str:
    """0, 1, ... as `(1, size)`."""
    scalar = graph.node("Squeeze", size)
    count = graph.node("Range", graph.constant(np.int64(0)), scalar, graph.constant(np.int64(1)))
    return graph.node("Unsqueeze", count, graph.constant([0], np.int64))


def _taken(graph: Graph, ids: str, length: str, kept: str, places: str, truncation: str) -> str:
    """The id of every place in the `kept` ids of a row, 0 outside: `(B, columns)`.

    Args:
        graph: The graph.
        ids: `(B, T)`, T at least 1.
        length: Ids of every row, `(B, 1)`.
        kept: How many of them stay, `(B, 1)`.
        places: Which of those stand in the columns, `(1 or B, columns)`; may lie outside.
        truncation: Where the others are taken away.
    """
    zero = graph.constant(np.int64(0))
    inside = graph.node(
        "And", graph.node("GreaterOrEqual", places, zero), graph.node("Less", places, kept)
    )  # (B, columns)
    if truncation != "head":
        lost = graph.node("Sub", length, kept)
        if truncation == "both":
            head = graph.node("Div", kept, graph.constant(np.int64(4)))
            head = graph.node("Where", graph.node("Greater", lost, zero), head, kept)
            lost = graph.node("Where", graph.node("GreaterOrEqual", places, head), lost, zero)
        places = graph.node("Add", places, lost)
    found = graph.node("Where", inside, places, zero)
    taken = graph.node("GatherElements", ids, found, axis=1)
    return graph.node("Where", inside, taken, zero)
