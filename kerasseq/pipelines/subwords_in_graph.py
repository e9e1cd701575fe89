"""The n-grams of tokens as nodes of a graph: every distinct token of a batch is spelled once."""

# U distinct tokens, P letters of the longest, K n-grams of a token

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kerasseq.patterns import parse
from kerasseq.pipelines.subwords import LETTERS
from kerasseq.tokenizers.tokenizer import SEPARATOR, SPECIALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.pipelines.subwords import SubwordIds

__all__ = ["Spelled"]


class Spelled:
    """The distinct tokens of some tensors of strings, each with a place: 0 for `""`, then 3, 4, ...

    Args:
        graph: Where to.
        pieces: Tokens, `(B, P)` or `(S,)` each; `""` is none.
    """

    def __init__(self, graph: Graph, pieces: Sequence[str]) -> None:
        self.graph = graph
        ends = graph.constant([-1], np.int64)
        nothing = graph.constant([""])  # operators on texts want one at least
        flat = graph.node("Concat", *(graph.node("Reshape", each, ends) for each in pieces), nothing, axis=0)
        self.tokens, _, inverse, _ = graph.nodes("Unique", flat, outputs=4, sorted=0)
        behind = graph.node("Add", inverse, graph.constant(np.int64(len(SPECIALS))))
        there = graph.strings.look_up(flat, {"": 0}, 1)
        sizes = [graph.node("Size", each) for each in pieces]
        one = graph.constant([1], np.int64)
        lengths = graph.node("Concat", *(graph.node("Reshape", size, ends) for size in sizes), one, axis=0)
        parts = graph.nodes("Split", graph.node("Mul", behind, there), lengths, outputs=len(pieces) + 1, axis=0)[:-1]
        shapes = (graph.node("Shape", each) for each in pieces)
        pairs = zip(parts, shapes, strict=True)
        self.places = [graph.node("Reshape", part, shape, allowzero=1) for part, shape in pairs]

    def ids(self, vocabulary: Sequence[str], places: str) -> str:
        """The ids of places; 2, the separator, stays."""
        known = self.graph.strings.ids(self.tokens, vocabulary)
        specials = self.graph.constant([0, 1, SEPARATOR], np.int64)
        return self.graph.node("Gather", self.graph.node("Concat", specials, known, axis=0), places)

    def subwords(self, ids: SubwordIds, places: str) -> str:
        """The n-grams of the tokens at places `(B, T)`, `(B, T, K)`, in whatever order; 0 where there is none."""
        graph = self.graph
        found = _ngrams(graph, self._letters(ids), ids)  # (U, K)
        there = graph.node("Unsqueeze", graph.strings.look_up(self.tokens, {"": 0}, 1), graph.constant([1], np.int64))
        ends = graph.constant([len(SPECIALS), 0, 0, 0], np.int64)
        return graph.node("Gather", graph.node("Pad", graph.node("Mul", found, there), ends), places)

    def _letters(self, ids: SubwordIds) -> str:
        """The letters of each token and its marks as numbers, `(U, P)`; 0 behind them."""
        graph = self.graph
        numbers = letters_of(ids)
        other = len(numbers) + 1
        pieces = graph.strings.cut(self.tokens, parse("{any}"), None)  # (U, P)
        letters = graph.strings.look_up(pieces, {"": 0, **numbers}, other)
        wide = graph.node("Pad", letters, graph.constant([0, 1, 0, 1], np.int64))
        one, zero = graph.constant(np.int64(1)), graph.constant(np.int64(0))
        there = graph.cast(graph.node("Greater", letters, zero), "int64")
        behind = graph.node("Add", graph.node("ReduceSum", there, graph.constant([1], np.int64), keepdims=1), one)
        columns = graph.node("Squeeze", graph.size(wide, 1))
        place = graph.node("Unsqueeze", graph.node("Range", zero, columns, one), graph.constant([0], np.int64))
        for mark, where in (("<", graph.node("Equal", place, zero)), (">", graph.node("Equal", place, behind))):
            number = graph.constant(np.int64(numbers.get(mark, other)))
            wide = graph.node("Where", where, number, wide)
        cut = graph.node("Slice", wide, *(graph.constant([n], np.int64) for n in (0, LETTERS + 2, 1)))
        return graph.node("Pad", cut, graph.constant([0, 0, 0, ids.cut.longest - 1], np.int64))


def letters_of(ids: SubwordIds) -> dict[str, int]:
    """The letters of known n-grams, from 1."""
    letters = dict.fromkeys(letter for ngram in ids.listed for letter in ngram)
    return {letter: number for number, letter in enumerate(letters, start=1)}


def _ngrams(graph: Graph, letters: str, ids: SubwordIds) -> str:
    """Every window of letters `(U, P)`, looked up letter by letter as in a tree of prefixes, `(U, K)`."""
    numbers = letters_of(ids)
    base = len(numbers) + 2
    nodes: dict[tuple[int, ...], int] = {(): 0} | {(number,): number for number in numbers.values()}
    known = {tuple(numbers[letter] for letter in ngram): number for number, ngram in enumerate(ids.listed, start=1)}
    for key in known:
        for size in range(2, len(key) + 1):
            nodes.setdefault(key[:size], len(nodes))
    answer = np.zeros(max(len(nodes), base), np.int64)
    for key, number in known.items():
        answer[nodes[key]] = number
    starts = graph.node("Sub", graph.size(letters, 1), graph.constant([ids.cut.longest - 1], np.int64))
    found, at = [], ""
    for size in range(1, ids.cut.longest + 1):
        first = graph.constant([size - 1], np.int64)
        last = graph.node("Add", starts, first)
        window = graph.node("Slice", letters, first, last, graph.constant([1], np.int64))
        if size == 1:
            other = graph.node("Equal", window, graph.constant(np.int64(base - 1)))
            at = graph.node("Where", other, graph.constant(np.int64(0)), window)
        else:
            steps = {nodes[key[:-1]] * base + key[-1]: node for key, node in nodes.items() if len(key) == size}
            keys = graph.node("Add", graph.node("Mul", at, graph.constant(np.int64(base))), window)
            at = _look_up(graph, keys, steps)
        if size >= ids.cut.shortest:
            found.append(graph.node("Gather", graph.constant(answer), at))
    return graph.node("Concat", *found, axis=1)


def _look_up(graph: Graph, keys: str, table: dict[int, int]) -> str:
    return graph.node(
        "LabelEncoder",
        keys,
        domain="ai.onnx.ml",
        keys_int64s=list(table) or [-1],
        values_int64s=list(table.values()) or [0],
        default_int64=0,
    )
