"""N-grams in a graph are found piece by piece, and weigh what they weigh in Python."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasseq.onnx_graph.graph import Graph
from kerasseq.testing.onnx_checks import run_graph
from kerasseq.wide.linear import Lines
from kerasseq.wide.ngrams_in_graph import Tree, lines_in_graph
from kerasseq.wide.substrings import apart
from kerasseq.wide.vocabulary import Block

TEXTS = [
    "a good film",
    "a bad bad film",
    "الفيلم جيد جدا",
    "good good good",
    "",
    "The film: was, well_ , bad",
    "٣ films",
]
WORDS = ["a", "good", "bad", "film", "GOOD", "جيد", ",", "_", "  ", "bad bad", "fi", "\t", "x_y", "٣", "\u0301"]


@pytest.mark.parametrize(("sort", "most"), [("words", 1), ("words", 3), ("characters", 2), ("characters", 5)])
def test_every_n_gram_is_one_way_through_the_tree_and_nothing_else_is(sort, most):
    block = Block.of(apart()(TEXTS), sort, most, 1, 1000)
    tree = Tree.of(block)
    base = len(tree.numbers) + 1
    for number, name in enumerate(block.spelled, start=1):
        first, *rest = name[1:-1].split(" ") if sort == "words" else name
        node = tree.first[tree.numbers[first]]
        for table, piece in zip(tree.further, rest, strict=False):
            node = table[node * base + tree.numbers[piece]]
        assert node == number
    ways = [n for n in tree.first if n] + [n for table in tree.further for n in table.values()]
    assert sorted(ways) == list(range(1, tree.nodes + 1))


@pytest.mark.parametrize("lines", [1, 3, 12])
@pytest.mark.parametrize("limit", [1000, 9])
def test_lines_through_n_grams_are_those_of_python(lines, limit):
    blocks = [Block.of(apart()(TEXTS), sort, most, 1, limit) for sort, most in (("words", 3), ("characters", 5))]
    generator = np.random.default_rng(0)
    size = sum(map(len, blocks))
    line = Lines(
        generator.normal(size=(size, lines)).astype(np.float32), generator.normal(size=lines).astype(np.float32)
    )
    graph = Graph()
    found = lines_in_graph(graph, graph.input("text", "string", ["batch"]), blocks, line)
    graph.output("values", "float32", ["batch", lines], found)

    def in_graph(texts):
        return run_graph(graph, ["values"], {"text": np.array(texts, dtype=object)})[0]

    @given(st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), min_size=1, max_size=3))
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def same(texts):
        cut = apart()(texts)
        parts = [block.features(cut).toarray() for block in blocks]
        wanted = np.concatenate(parts, axis=1) @ line.weights + line.bias
        np.testing.assert_allclose(in_graph(texts), wanted, atol=1e-5)

    same()


def test_what_is_not_known_is_not_computed_with():
    block = Block.of(apart()(TEXTS), "words", 2, 1, 1000)
    graph = Graph()
    line = Lines(np.ones((len(block), 1), np.float32), np.zeros(1, np.float32))
    graph.output(
        "v", "float32", ["batch", 1], lines_in_graph(graph, graph.input("t", "string", ["batch"]), [block], line)
    )
    kinds = [node.op_type for node in graph.model({}).graph.node]
    assert "TfIdfVectorizer" not in kinds
    assert "StringRegexReplace" not in kinds  # its pattern would be compiled at every call
