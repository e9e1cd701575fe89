"""What two texts have in common, as nodes of a graph: the numbers of `matches`."""

# B batch, P words of the first text, Q of the second, L and M letters with a space around each word

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.wide.matches import ALIKE, SIZES
from kerasseq.wide.side_in_graph import Side, across, cut, side_in_graph

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph

__all__ = ["matches_in_graph"]

FILLERS = (-1, -2)
"""What stands behind the end of a first and of a second text."""


def matches_in_graph(graph: Graph, texts: tuple[str, str], rare: Mapping[str, float], rarest: float) -> str:
    """Two string tensors `(B,)` -> `(B, V)`, in the order of `NAMES`."""
    a, b = (side_in_graph(graph, text, filler, rare, rarest) for text, filler in zip(texts, FILLERS, strict=True))
    same = _equal(graph, a.words, b.words)
    in_b, in_a = _most(graph, same, 2), _most(graph, same, 1)
    inner, after = (cut(graph, cut(graph, same, 1, *ends), 2, *ends) for ends in ((0, -1), (1,)))
    neighbours = _most(graph, graph.node("Mul", inner, after), 2)
    shares, like = _letters(graph, a, b)
    like_a, like_b = _most(graph, like, 2), _most(graph, like, 1)
    long_a, long_b = _total(graph, a.there), _total(graph, b.there)
    missed = graph.node("Sub", long_a, _total(graph, graph.node("Mul", a.there, in_b)))
    one = graph.constant(np.float32(1))
    numbers = [
        _share(graph, a.there, in_b),
        _share(graph, b.there, in_a),
        _share(graph, a.rare, in_b),
        _share(graph, b.rare, in_a),
        _share(graph, cut(graph, a.there, 1, 1), neighbours),
        *shares,
        _share(graph, a.rare, like_a),
        _share(graph, b.rare, like_b),
        _share(graph, a.there, _alike(graph, like_a)),
        _share(graph, b.there, _alike(graph, like_b)),
        *(graph.node("Log", graph.node("Add", count, one)) for count in (missed, long_a, long_b)),
        graph.node("Min", graph.node("Div", long_b, graph.node("Max", long_a, one)), one),
    ]
    return graph.node("Concat", *numbers, axis=1)


def _letters(graph: Graph, a: Side, b: Side) -> tuple[list[str], str]:
    """The shares of letters of either in the other, `(B, 1)`, and how alike each two words are, `(B, P, Q)`."""
    same = _equal(graph, a.letters, b.letters)  # (B, L, M)
    shared, sizes = [], []
    found: list[list[str]] = [[], []]
    for x, y, size in zip(a.grams, b.grams, SIZES, strict=True):
        both = _runs(graph, same, size)
        turned = graph.node("Transpose", x, perm=[0, 2, 1])  # (B, P, L)
        in_words = _some(graph, graph.node("MatMul", both, y))  # (B, L, Q)
        of_words = _some(graph, graph.node("MatMul", turned, both))  # (B, P, M)
        shared += [graph.node("MatMul", turned, in_words), graph.node("MatMul", of_words, y)]
        begin = [_summed(graph, x, 2), _summed(graph, y, 2)]  # (B, L), (B, M)
        found[0].append(_total(graph, graph.node("Mul", begin[0], _most(graph, in_words, 2))))
        found[1].append(_total(graph, graph.node("Mul", begin[1], _most(graph, of_words, 1))))
        sizes += [across(graph, _summed(graph, x, 1), 2), across(graph, _summed(graph, y, 1), 1)]
    one = graph.constant(np.float32(1))
    whole = graph.node("Max", graph.node("Sum", *sizes), one)
    like = graph.node("Div", graph.node("Sum", *shared), whole)
    every = [graph.node("Sum", *(_total(graph, _summed(graph, x, 2)) for x in side.grams)) for side in (a, b)]
    shares = [
        graph.node("Div", graph.node("Sum", *parts), graph.node("Max", count, one))
        for parts, count in zip(found, every, strict=True)
    ]
    return shares, like


def _runs(graph: Graph, same: str, size: int) -> str:
    """1 where the same `size` letters begin in both, `(B, L - size + 1, M - size + 1)`."""
    both = ""
    for n in range(size):
        ends = (n, n - size + 1) if n < size - 1 else (n,)
        part = cut(graph, cut(graph, same, 1, *ends), 2, *ends)
        both = graph.node("Mul", both, part) if both else part
    return both


def _equal(graph: Graph, x: str, y: str) -> str:
    """`(B, P)` and `(B, Q)` -> `(B, P, Q)`, 1 where both are the same."""
    return graph.cast(graph.node("Equal", across(graph, x, 2), across(graph, y, 1)), "float32")


def _alike(graph: Graph, like: str) -> str:
    return graph.cast(graph.node("Greater", like, graph.constant(np.float32(ALIKE))), "float32")


def _some(graph: Graph, counts: str) -> str:
    return graph.node("Min", counts, graph.constant(np.float32(1)))


def _most(graph: Graph, x: str, axis: int) -> str:
    return graph.node("ReduceMax", x, axes=[axis], keepdims=0)


def _summed(graph: Graph, x: str, axis: int) -> str:
    return graph.node("ReduceSum", x, graph.constant([axis], np.int64), keepdims=0)


def _total(graph: Graph, x: str) -> str:
    """`(B, P)` -> `(B, 1)`."""
    return graph.node("ReduceSum", x, graph.constant([1], np.int64), keepdims=1)


def _share(graph: Graph, weights: str, what: str) -> str:
    """`sum(weights what) / sum(weights)`, 0 where there are none, `(B, 1)`."""
    whole = graph.node("Max", _total(graph, weights), graph.constant(np.float32(1e-30)))
    return graph.node("Div", _total(graph, graph.node("Mul", weights, what)), whole)
