"""What two texts have in common is counted as it is said, in Python and in a graph alike."""

import math

import numpy as np
import pytest

from kerasseq.onnx_graph.graph import Graph
from kerasseq.testing.onnx_checks import run_graph
from kerasseq.wide.matches import NAMES, bare, matches, rareness
from kerasseq.wide.matches_in_graph import matches_in_graph

FIRST = [
    "a good film",
    "",
    "سيء جدا الفيلم كان",
    "good",
    "x",
    "GOOD, good film! a",
    "a a b",
    "",
    "ab" * 30,
    "one two " * 150,
]
SECOND = ["good films, a", "x", "الفيلم سيء", "", "x y", "good film", "a a", "", "ab" * 10 + "z", "two one"]


def reference(first, second, rare):
    """From the definitions, by words as they stand there."""

    def grams(word):
        return [f" {word} "[i : i + n] for n in (2, 3) for i in range(len(word) + 3 - n)]

    def share(words, other, weight=lambda word: 1.0):
        return sum(weight(w) for w in words if w in other) / sum(map(weight, words)) if words else 0.0

    def alike(one, other):
        a, b = grams(one), grams(other)
        return (sum(g in b for g in a) + sum(g in a for g in b)) / (len(a) + len(b))

    a, b = first.split(), second.split()
    letters_a, letters_b = [g for w in a for g in grams(w)], [g for w in b for g in grams(w)]
    nearest_a, nearest_b = (
        [max([alike(w, v) for v in b] or [0]) for w in a],
        [max([alike(w, v) for v in a] or [0]) for w in b],
    )

    def mean(values, words):
        return sum(x * rare(w) for x, w in zip(values, words, strict=True)) / sum(map(rare, words)) if words else 0.0

    pairs = list(zip(b[:-1], b[1:], strict=True))
    return [
        share(a, b),
        share(b, a),
        share(a, b, rare),
        share(b, a, rare),
        share(list(zip(a[:-1], a[1:], strict=True)), pairs),
        share(letters_a, letters_b),
        share(letters_b, letters_a),
        mean(nearest_a, a),
        mean(nearest_b, b),
        sum(x > 0.5 for x in nearest_a) / max(len(a), 1),
        sum(x > 0.5 for x in nearest_b) / max(len(b), 1),
        math.log(1 + sum(w not in b for w in a)),
        math.log(1 + len(a)),
        math.log(1 + len(b)),
        min(len(b) / max(len(a), 1), 1),
    ]


@pytest.fixture(scope="module")
def counted():
    """Both sides bare, the rareness of words, and the numbers."""
    one, other = bare()(FIRST), bare()(SECOND)
    rare, rarest = rareness([*one, *other])
    found = [matches(a, b, rare, rarest) for a, b in zip(one, other, strict=True)]
    return one, other, rare, rarest, np.array(found)


def test_the_numbers_are_those_of_their_definitions(counted):
    one, other, rare, rarest, found = counted
    wanted = [reference(a, b, lambda word: rare.get(word, rarest)) for a, b in zip(one, other, strict=True)]
    assert found.shape == (len(FIRST), len(NAMES))
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_text_says_all_of_itself_and_nothing_of_one_without_a_common_letter():
    itself = dict(zip(NAMES, matches("a good film", "a good film", {}, 2.0), strict=True))
    assert all(value == pytest.approx(1) for name, value in itself.items() if "logarithm" not in name)
    assert itself["words that the second misses, logarithm"] == 0
    stranger = matches("a good film", "xyz", {}, 2.0)
    assert stranger[:11] == [0.0] * 11


def test_another_ending_is_alike_though_not_the_same():
    found = dict(zip(NAMES, matches("processor", "processors", {}, 1.0), strict=True))
    assert found["words of the first in the second"] == 0
    assert found["words of the first with one alike in the second"] == 1
    assert found["likeness of words of the first, by rareness"] == pytest.approx((17 + 17) / (19 + 21))


def test_words_of_many_texts_are_less_rare_and_a_text_that_comes_again_counts_once():
    rare, rarest = rareness(["the cat", "the dog", "the dog", "the bird"])
    assert rare == {"the": pytest.approx(1.0)}
    assert rarest == pytest.approx(math.log(4 / 2) + 1)


def test_long_texts_and_long_words_end_somewhere():
    [text] = bare()(["word " * 500 + "x" * 300])
    assert len(text.split()) == 200
    assert bare()(["y" * 300]) == ["y" * 20]


def test_a_graph_counts_the_same_alone_and_in_a_batch(counted):
    _, _, rare, rarest, wanted = counted
    graph = Graph()
    texts = graph.input("one", "string", ["batch"]), graph.input("two", "string", ["batch"])
    graph.output("numbers", "float32", ["batch", len(NAMES)], matches_in_graph(graph, texts, rare, rarest))
    batches = [slice(0, None), *(slice(n, n + 1) for n in range(len(FIRST)))]
    for part in batches:
        feeds = {name: np.array(side[part], dtype=object) for name, side in (("one", FIRST), ("two", SECOND))}
        [found] = run_graph(graph, ["numbers"], feeds)
        np.testing.assert_allclose(found, wanted[part], atol=1e-6)
