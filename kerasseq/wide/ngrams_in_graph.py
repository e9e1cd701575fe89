"""TF-IDF of n-grams and lines through it, as nodes of a graph."""

# B batch, P pieces of a text, M n-grams of a text, V n-grams of one sort, N nodes of their tree, K lines

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.patterns import parse
from kerasseq.wide.side_in_graph import across, cut
from kerasseq.wide.substrings import WORDS, lowered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.wide.linear import Lines
    from kerasseq.wide.vocabulary import Block

__all__ = ["Tree", "lines_in_graph"]

_FEW = 8
"""Lines whose weights are gathered n-gram by n-gram; for more, one product with all n-grams takes less memory."""


def lines_in_graph(graph: Graph, texts: str, blocks: Sequence[Block], lines: Lines) -> str:
    """A string tensor `(B,)` -> `(B, K)`.

    Only the n-grams of a text are computed with: all that is done to every n-gram that is known is to count from 0.
    """
    words = graph.strings.pieces(graph.strings.rules(lowered().rules, texts), parse(WORDS))
    sums, start = [], 0
    for block in blocks:
        weights = lines.weights[start : start + len(block)]
        start += len(block)
        sums.append(_line(graph, _pieces(graph, words, block), Tree.of(block), block.idf, weights))
    if not sums:
        return graph.rows(texts, lines.bias)
    return graph.node("Add", graph.node("Sum", *sums) if len(sums) > 1 else sums[0], graph.constant(lines.bias))


@dataclass(frozen=True)
class Tree:
    """N-grams as the way to them, piece by piece.

    Attributes:
        numbers: Of the pieces, from 1.
        first: `(len(numbers) + 1,)`, the node that each piece alone leads to, or 0.
        further: For each further piece the nodes that it leads to, by `node * len(first) + piece`.
        nodes: N; those from 1 to V are the n-grams in their order, the others lead to some only.
        least: Pieces of the shortest n-gram.
    """

    numbers: dict[str, int]
    first: list[int]
    further: list[dict[int, int]]
    nodes: int
    least: int

    @classmethod
    def of(cls, block: Block) -> Tree:
        """The n-grams of a block."""
        between = " " if block.sort == "words" else ""
        runs = [tuple(name[1:-1].split(" ")) if between else tuple(name) for name in block.spelled]
        numbers = {piece: n for n, piece in enumerate(dict.fromkeys(p for run in runs for p in run), start=1)}
        base = len(numbers) + 1
        nodes = {run: n for n, run in enumerate(runs, start=1)}
        further: list[dict[int, int]] = [{} for _ in range(max(map(len, runs), default=1) - 1)]
        first = [0] * base
        for whole in runs:
            for size in range(len(whole), 1, -1):
                run, before = whole[:size], whole[: size - 1]
                known = before in nodes
                above = nodes.setdefault(before, len(nodes) + 1)
                further[size - 2][above * base + numbers[run[-1]]] = nodes[run]
                if known:  # its own way is told where it is a run, or was
                    break
        for run, node in nodes.items():
            if len(run) == 1:
                first[numbers[run[0]]] = node
        return cls(numbers, first, further, len(nodes), min(map(len, runs), default=1))


def _pieces(graph: Graph, words: str, block: Block) -> str:
    """Words, or the characters of all with a space at every end."""
    if block.sort == "words":
        return words
    joined = graph.strings.join(words, " ")  # behind a short text stand spaces, and in no n-gram two of them
    nothing = graph.node("Expand", graph.constant([""]), graph.node("Shape", joined))
    return graph.strings.cut(graph.strings.spaced([nothing, joined, nothing]), parse("{any}"), None)


def _line(graph: Graph, pieces: str, tree: Tree, idf: NDArray[np.float32], weights: NDArray[np.float32]) -> str:
    """`(B, K)`: `(1 + ln tf) * idf` of what is there, each text of Euclidean length 1, times the weights `(V, K)`.

    What stands several times is shared among its places.
    """
    places = _places(graph, pieces, tree)
    shape = graph.node("Concat", graph.size(places, 0), graph.constant([tree.nodes + 1], np.int64), axis=0)
    none = graph.filled(shape, 0)
    ones = graph.filled(graph.node("Shape", places), 1)
    counted = graph.node("ScatterElements", none, places, ones, axis=1, reduction="add")  # (B, N + 1)
    counts = graph.node("GatherElements", counted, places, axis=1)  # (B, M)
    x = graph.node("Mul", graph.node("Add", graph.node("Log", counts), ones), _of_nodes(graph, idf, tree, places))
    share = graph.node("Div", x, counts)
    square = graph.node("ReduceSum", graph.node("Mul", x, share), graph.constant([1], np.int64), keepdims=1)
    length = graph.node("Sqrt", graph.node("Max", square, graph.constant(np.float32(1e-30))))
    if weights.shape[1] > _FEW:
        spread = graph.node("ScatterElements", none, places, share, axis=1, reduction="add")
        summed = graph.node("MatMul", spread, graph.constant(_padded(weights, tree)))
    else:
        line = graph.node("MatMul", across(graph, share, 1), _of_nodes(graph, weights, tree, places))  # (B, 1, K)
        summed = graph.node("Squeeze", line, graph.constant([1], np.int64))
    return graph.node("Div", summed, length)


def _places(graph: Graph, pieces: str, tree: Tree) -> str:
    """The node of every run of pieces, `(B, M)`: from 1 to V for an n-gram; 0 for others, which weigh nothing."""
    longest = len(tree.further) + 1
    ids = graph.strings.look_up(pieces, tree.numbers, 0)  # (B, P)
    ids = graph.node("Pad", ids, graph.constant([0, 0, 0, longest], np.int64))  # (B, P + 1) at each size
    node = graph.node("Gather", graph.constant(tree.first, np.int64), _from(graph, ids, 0, longest))
    found = [node] if tree.least == 1 else []
    base = graph.constant(np.int64(len(tree.first)))
    for size, table in enumerate(tree.further, start=2):
        key = graph.node("Add", graph.node("Mul", node, base), _from(graph, ids, size - 1, longest))
        node = graph.node(
            "LabelEncoder",
            key,
            domain="ai.onnx.ml",
            keys_int64s=list(table),
            values_int64s=list(table.values()),
            default_int64=0,
        )
        found += [node] if size >= tree.least else []
    return graph.node("Concat", *found, axis=1) if len(found) > 1 else found[0]


def _from(graph: Graph, ids: str, start: int, longest: int) -> str:
    """The ids that stand a number of places further on."""
    left = longest - 1 - start
    return cut(graph, ids, 1, start, -left) if left else cut(graph, ids, 1, start)


def _of_nodes(graph: Graph, values: NDArray[np.float32], tree: Tree, places: str) -> str:
    """A row of `(V, ...)` for every place, 0 for what is no n-gram."""
    return graph.node("Gather", graph.constant(_padded(values, tree)), places)


def _padded(values: NDArray[np.float32], tree: Tree) -> NDArray[np.float32]:
    """`(V, ...)` by node, `(N + 1, ...)`."""
    out = np.zeros((tree.nodes + 1, *values.shape[1:]), dtype=np.float32)
    out[1 : len(values) + 1] = values
    return out
