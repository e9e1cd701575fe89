"""TF-IDF of n-grams and lines through it, as nodes of a graph."""

# B batch, P pieces of a text, V n-grams of one sort, K lines

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.patterns import parse
from kerasseq.wide.substrings import apart

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.wide.linear import Lines
    from kerasseq.wide.vocabulary import Block

__all__ = ["lines_in_graph"]


def lines_in_graph(graph: Graph, texts: str, blocks: Sequence[Block], lines: Lines) -> str:
    """A string tensor `(B,)` -> `(B, K)`."""
    words = graph.strings.rules(apart().rules, texts)
    sums, start = [], 0
    for block in blocks:
        weights = lines.weights[start : start + len(block)]
        start += len(block)
        counts = _counts(graph, words, block)
        sums.append(graph.node("MatMul", _normed(graph, counts, block), graph.constant(weights)))
    if not sums:
        return graph.rows(texts, lines.bias)
    return graph.node("Add", graph.node("Sum", *sums) if len(sums) > 1 else sums[0], graph.constant(lines.bias))


def _counts(graph: Graph, words: str, block: Block) -> str:
    """How often each n-gram stands in each text, `(B, V)`."""
    if block.sort == "words":
        runs = [name[1:-1].split(" ") for name in block.spelled]
        pieces = graph.strings.cut(words, parse("[^ ]+"), None)
    else:
        runs = [list(name) for name in block.spelled]
        nothing = graph.node("Expand", graph.constant([""]), graph.node("Shape", words))
        pieces = graph.strings.cut(graph.strings.spaced([nothing, words, nothing]), parse("{any}"), None)
    numbers = {piece: n for n, piece in enumerate(dict.fromkeys(p for run in runs for p in run), start=1)}
    ids = graph.strings.look_up(pieces, numbers, 0)  # (B, P); 0 for fillers, and in no n-gram
    padding = graph.constant([0, 0, 0, 1], np.int64)  # an empty row would be refused
    return graph.node("TfIdfVectorizer", graph.node("Pad", ids, padding), **_pool(runs, numbers))


def _pool(runs: Sequence[Sequence[str]], numbers: dict[str, int]) -> dict[str, Any]:
    longest = max(map(len, runs))
    order = sorted(range(len(runs)), key=lambda n: len(runs[n]))
    starts, size = [0], 1
    flat: list[int] = []
    for n in order:
        while len(runs[n]) > size:
            starts.append(len(flat))
            size += 1
        flat += [numbers[piece] for piece in runs[n]]
    return {
        "mode": "TF",
        "min_gram_length": min(map(len, runs)),
        "max_gram_length": longest,
        "max_skip_count": 0,
        "ngram_counts": starts,
        "ngram_indexes": order,
        "pool_int64s": flat,
    }


def _normed(graph: Graph, counts: str, block: Block) -> str:
    """`(1 + ln tf) * idf` of what is there, each text of Euclidean length 1."""
    one = graph.constant(np.float32(1))
    some = graph.node("Min", counts, one)
    weighed = graph.node("Mul", graph.node("Add", graph.node("Log", graph.node("Max", counts, one)), one), some)
    x = graph.node("Mul", weighed, graph.constant(block.idf))
    square = graph.node("ReduceSum", graph.node("Mul", x, x), graph.constant([1], np.int64), keepdims=1)
    least = graph.constant(np.float32(1e-30))
    return graph.node("Div", x, graph.node("Sqrt", graph.node("Max", square, least)))
