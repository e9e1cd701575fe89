"""Ids in a graph are the ids of Python: every tokenizer, every truncation, single texts and pairs."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kerasseq_runtime.session import string_operators

from kerasseq.onnx_graph.graph import Graph
from kerasseq.onnx_graph.tokens import joined, truncated
from kerasseq.pipelines.made_texts import HOSTILE
from kerasseq.registry.components import load

CORPUS = [
    "the food was good, don't go",
    "خدمة ممتازة جدا :)",
    "a http://t.co/x b",
    "!! 3.5 ٣ 👍🏽 @user #tag",
    "x\x01y",
    *(text for text in HOSTILE if "\ufdd2" not in text),
] * 2
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(" ".join(CORPUS[:4]).split()), st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    ),
    max_size=12,
).map(" ".join)
TOKENIZERS = [
    ("word", {}),
    ("whitespace", {}),
    ("character", {}),
    ("subword", {"vocabulary_size": 300}),
]


def made(name, options, length, truncation):
    spec = load("tokenizer", name)[1](
        name=name, max_length=length, truncation=truncation, min_frequency=1 if name != "subword" else 2, **options
    )
    tokenizer = spec.build()
    tokenizer.train([text.replace("\0", "\x01") for text in CORPUS])
    return spec, tokenizer


def run(graph, feeds):
    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(string_operators())
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString(), options)
    return session.run(None, {name: np.array(texts, dtype=object) for name, texts in feeds.items()})[0]


def rows(ids):
    return [[int(i) for i in row if i] for row in ids]


def single(name, options, length, truncation):
    spec, tokenizer = made(name, options, length, truncation)
    graph = Graph()
    ids = spec.to_onnx(tokenizer, graph, graph.input("text", "string", ["batch"]))
    graph.output("ids", "int64", ["batch", "time"], truncated(graph, ids, tokenizer))
    return graph, tokenizer


def visible(texts):
    """What Python makes of a NUL before it tokenizes."""
    return [text.replace("\0", "\x01") for text in texts]


@pytest.mark.parametrize("truncation", ["head", "tail", "both"])
@pytest.mark.parametrize(("name", "options"), TOKENIZERS, ids=[name for name, _ in TOKENIZERS])
def test_ids_are_those_of_python(name, options, truncation):
    graph, tokenizer = single(name, options, 7, truncation)
    texts = visible(HOSTILE)
    wanted = tokenizer.encode(texts).ids
    assert rows(run(graph, {"text": texts})) == [row.tolist() for row in wanted]

    @given(st.lists(TEXTS, min_size=1, max_size=5))
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    def same(texts):
        texts = visible(texts)
        assert rows(run(graph, {"text": texts})) == [row.tolist() for row in tokenizer.encode(texts).ids]

    same()


@pytest.mark.parametrize("name", ["word", "whitespace", "character", "subword"])
def test_a_nul_is_read_as_the_control_character_one(name):
    graph, tokenizer = single(name, dict(TOKENIZERS)[name], 50, "head")
    texts = ["a\0b", "\0\0", "x\0y good"]
    assert rows(run(graph, {"text": texts})) == [row.tolist() for row in tokenizer.encode(visible(texts)).ids]


@pytest.mark.parametrize("length", [1, 2, 3, 8, 9, 40])
@pytest.mark.parametrize("truncation", ["head", "tail", "both"])
def test_pairs_are_joined_as_in_python(length, truncation):
    spec, tokenizer = made("whitespace", {}, length, truncation)
    sizes = [0, 1, 2, 3, 4, 7, 8, 9, 20]
    first = [" ".join(f"w{i}" for i in range(a)) for a in sizes for _ in sizes]
    second = [" ".join(f"v{i}" for i in range(b)) for _ in sizes for b in sizes]
    tokenizer.train([*first, *second])
    graph = Graph()
    names = [spec.to_onnx(tokenizer, graph, graph.input(n, "string", ["batch"])) for n in ("text", "text_2")]
    graph.output("ids", "int64", ["batch", "time"], joined(graph, *names, tokenizer))
    got = rows(run(graph, {"text": first, "text_2": second}))
    assert got == [row.tolist() for row in tokenizer.encode_pair(first, second).ids]


def test_a_batch_of_empty_texts_has_a_column():
    graph, _ = single("word", {}, 7, "head")
    assert run(graph, {"text": ["", ""]}).tolist() == [[0], [0]]


@pytest.mark.parametrize(
    ("name", "needs"), [("word", {"onnxruntime-extensions"}), ("whitespace", set()), ("character", set())]
)
def test_only_what_cannot_be_said_otherwise_needs_the_extensions(name, needs):
    assert single(name, {}, 7, "head")[0].needs == needs


GLUED = [
    "https://t.co/abcعربي",
    "a@b.co",
    "x www.a.b",
    "ℹabc",
    "1⃣a #⃣abc",
    "#️⃣tag",
    "3.5abc 12:30x",
    "😀👍🏽a :))( <3 ...",
    "[url]x",
]


@given(st.lists(st.one_of(st.sampled_from(GLUED), TEXTS), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_words_are_cut_the_fast_way_only_where_it_gives_the_same(texts):
    texts = visible([*texts, " ".join(texts), "".join(texts)])
    for text in texts:  # alone, for one text decides for its batch
        assert rows(_WORD[0]({"text": [text]})) == [row.tolist() for row in _WORD[1].encode([text]).ids]


def _session_of_words():
    spec, tokenizer = made("word", {}, 100, "head")
    tokenizer.train([*CORPUS, *GLUED, "".join(GLUED)])
    graph = Graph()
    graph.output("ids", "int64", ["b", "t"], spec.to_onnx(tokenizer, graph, graph.input("text", "string", ["b"])))
    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(string_operators())
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString(), options)
    return lambda feeds: session.run(None, {"text": np.array(feeds["text"], dtype=object)})[0], tokenizer


_WORD = _session_of_words()


@pytest.mark.realdata
def test_thousands_of_tweets_have_the_ids_of_python(realdata):
    import pyarrow.csv

    texts = pyarrow.csv.read_csv(realdata / "arsarcasm" / "ArSarcasm_train.csv")["tweet"].to_pylist()[:2000]
    ask, tokenizer = _session_of_words()
    got = [row for start in range(0, len(texts), 4) for row in rows(ask({"text": texts[start : start + 4]}))]
    assert got == [row.tolist() for row in tokenizer.encode(texts).ids]
