"""One of two texts that are compared, as nodes of a graph: words, letters, and where n-grams of letters begin."""

# B batch, P words, L letters with a space around each word

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.patterns import parse
from kerasseq.wide.matches import SIZES, bare

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph

__all__ = ["Side", "across", "cut", "side_in_graph"]

BUCKETS = 2**62
"""Of the hashes that stand for words and letters, for a graph compares no strings: two are one by no chance at all."""


@dataclass(frozen=True)
class Side:
    """A text.

    Attributes:
        words: `(B, P)` int64, fillers behind the end, two at least.
        there: `(B, P)` float32, 1 for a word.
        rare: `(B, P)` float32, rareness; 0 behind the end.
        letters: `(B, L)` int64, fillers behind the end, two at least.
        grams: For each of `SIZES`, `(B, L - size + 1, P)` float32: 1 where an n-gram of a word begins.
    """

    words: str
    there: str
    rare: str
    letters: str
    grams: tuple[str, ...]


def side_in_graph(graph: Graph, text: str, filler: int, rare: Mapping[str, float], rarest: float) -> Side:
    """A string tensor `(B,)`.

    Args:
        graph: Where nodes are added.
        text: The texts.
        filler: Below 0, another one for each of two texts, so that fillers are equal to nothing of the other.
        rare: Rareness by word.
        rarest: That of any other word.
    """
    text = graph.strings.rules(bare().rules, text)
    nothing = graph.node("Expand", graph.constant([""]), graph.node("Shape", text))
    column = across(graph, nothing, 1)  # (B, 1)
    words = graph.node("Concat", graph.strings.cut(text, parse("[^ ]+"), None), column, column, axis=1)
    there = graph.strings.look_up(words, {"": 0}, 1)
    known = {"": 0, **{word: n for n, word in enumerate(rare, start=1)}}
    places = graph.strings.look_up(words, known, 0)
    rareness = graph.node("Gather", graph.constant([rarest, *rare.values()], np.float32), places)
    present = graph.cast(there, "float32")
    spaced = graph.strings.spaced([nothing, text, nothing])
    letters = graph.node("Concat", graph.strings.cut(spaced, parse("{any}"), None), column, column, axis=1)
    stands = graph.strings.look_up(letters, {"": 0}, 1)
    return Side(
        _hashed(graph, words, there, filler),
        present,
        graph.node("Mul", rareness, present),
        _hashed(graph, letters, stands, filler),
        _grams(graph, letters, graph.cast(stands, "float32"), present),
    )


def _hashed(graph: Graph, pieces: str, there: str, filler: int) -> str:
    """Numbers for pieces `(B, P)`."""
    count = graph.constant([BUCKETS], np.int64)
    numbers = graph.node("StringToHashBucketFast", pieces, count, domain="ai.onnx.contrib")
    numbers = graph.typed(numbers, "int64", 2)
    return graph.node("Where", graph.cast(there, "bool"), numbers, graph.constant(np.int64(filler)))


def _grams(graph: Graph, letters: str, stands: str, words: str) -> tuple[str, ...]:
    """Where the n-grams of each word begin; a space belongs to the word behind it, and the last one to none."""
    spaces = graph.cast(graph.strings.look_up(letters, {" ": 1}, 0), "float32")
    inside = graph.node("Sub", stands, spaces)
    axis = graph.constant(np.int64(1))
    number = graph.node("CumSum", spaces, axis)  # (B, L), from 1
    ones = graph.node("Max", words, graph.constant(np.float32(1)))
    every = across(graph, graph.node("CumSum", ones, axis), 1)  # (B, 1, P): 1, 2, 3
    found = []
    for size in SIZES:
        if size == 2:  # one of both is no space, or the text is empty
            letter = graph.node("Max", cut(graph, inside, 1, 0, -1), cut(graph, inside, 1, 1))
        else:
            letter = cut(graph, inside, 1, 1, 2 - size)
        valid = graph.node("Mul", cut(graph, stands, 1, size - 1), letter)
        word = graph.node("Equal", across(graph, cut(graph, number, 1, 0, 1 - size), 2), every)
        found.append(graph.node("Mul", graph.cast(word, "float32"), across(graph, valid, 2)))
    return tuple(found)


def cut(graph: Graph, x: str, axis: int, start: int, end: int = np.iinfo(np.int64).max) -> str:
    """`x[start:end]` along an axis."""
    return graph.node("Slice", x, *(graph.constant([n], np.int64) for n in (start, end, axis)))


def across(graph: Graph, x: str, axis: int) -> str:
    """With a new axis of length 1."""
    return graph.node("Unsqueeze", x, graph.constant([axis], np.int64))
