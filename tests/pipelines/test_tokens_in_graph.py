"""Tokens to ids and characters: the nodes of a graph give what Python gives."""

import numpy as np
import onnxruntime
import pytest

from kerasseq.corpus.token_rows import TokenRows
from kerasseq.onnx_graph.graph import Graph
from kerasseq.pipelines.tokens import TokensPipeline
from kerasseq.registry.components import load

ROWS = [["the", "Cairo", "a b"], ["ممتازة"], [], ["😀x", "unseen-and-long"], ["e\u0301", "."]]


@pytest.mark.parametrize("width", [0, 4])
def test_a_graph_gives_the_ids_and_the_characters_that_python_gives(width):
    tokenizer = load("tokenizer", "given")[1](name="given", min_frequency=1).build()
    pipeline = TokensPipeline((), tokenizer, width)
    pipeline.fit(TokenRows([[*row, *row] for row in ROWS[:4]]))
    graph, inside = Graph(), pipeline.in_graph()
    for name, value in inside.inputs(graph).items():
        graph.output(f"said_{name}", "int64", ["batch", *["time", width][: 1 + (name == "characters")]], value)
    model = graph.model({}).SerializeToString()
    session = onnxruntime.InferenceSession(model, _options(), providers=["CPUExecutionProvider"])
    samples = TokenRows(ROWS)
    names = [f"said_{name}" for name in pipeline.encode(samples)[0]]
    said = dict(zip(names, session.run(names, inside.feeds(samples)), strict=True))
    assert len(said) == 1 + bool(width)
    for name, values in pipeline.encode(samples)[0].items():
        expected = values.padded(np.arange(len(ROWS)), 3)
        np.testing.assert_array_equal(said[f"said_{name}"][:-1], expected)  # the last row is the padding's
        assert not said[f"said_{name}"][-1].any()


def _options():
    from kerasseq_runtime.session import string_operators

    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(string_operators())
    return options
