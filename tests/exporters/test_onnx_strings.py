"""A rule does the same to a text in a graph as in Python, to the last character."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnxruntime_extensions import get_library_path

from kerasseq.exporters.onnx_graph import Graph, Inexpressible
from kerasseq.exporters.onnx_strings import checked
from kerasseq.exporters.proof import HOSTILE
from kerasseq.patterns import parse
from kerasseq.preprocessors.rules import CharMap, MapWords, Replace, Rules, SequenceMap, Squeeze
from kerasseq.registry import find, load

PREPROCESSORS = [
    ("html", {}),
    ("links", {}),
    ("mentions", {}),
    ("hashtags", {}),
    ("numbers", {}),
    ("digits", {}),
    ("casefold", {}),
    ("unicode", {}),
    ("unicode", {"zwnj": "space", "composition": False}),
    ("whitespace", {}),
    ("whitespace", {"lines": "keep"}),
    ("contractions", {}),
    ("elongation", {"letters": 1}),
    ("arabic", {}),
    ("arabic", {"ta_marbuta": True, "presentation": False}),
    ("stopwords", {}),
    ("lectures", {}),
]

WORDS = [
    "don't",
    "http://t.co/x",
    "#a_b",
    "@user",
    "ﷺ",
    "e\u0301",
    "&amp;",
    "<br/>",
    "not",
    "the",
    "ولا",
    "في",
    "👍🏽",
    "٣.٥",
]
TEXTS = st.lists(
    st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)), max_size=8
).map(" ".join)


def session(graph):
    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(get_library_path())
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph.model({}).SerializeToString(), options)


def function(rules):
    """Texts to texts, by a graph of the rules behind what makes a NUL U+0001."""
    graph = Graph()
    text = graph.input("text", "string", ["batch"])
    for rule in Rules([CharMap({"\0": "\x01"}), *rules]).rules:
        text = graph.strings.rule(rule, text)
    graph.output("out", "string", ["batch"], text)
    run = session(graph)
    return lambda texts: run.run(None, {"text": np.array(texts, dtype=object)})[0].tolist()


@pytest.mark.parametrize(("name", "options"), PREPROCESSORS, ids=lambda value: str(value))
def test_a_preprocessor_does_the_same_in_the_graph(name, options):
    built = load("preprocessor", name)[1](**options).build()
    in_graph = function(built.rules)

    @given(st.lists(TEXTS, min_size=1, max_size=4))
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def same(texts):
        texts = [text.replace("\0", "\x01") for text in texts]
        assert in_graph(texts) == built(texts)

    same()
    hostile = [text.replace("\0", "\x01") for text in HOSTILE]
    assert in_graph(hostile) == built(hostile)
    assert in_graph(list(HOSTILE)) == built(hostile)


def test_every_preprocessor_of_ours_is_among_them():
    ours = {component.name for component in find("preprocessor") if component.distribution == "kerasseq"}
    assert ours == {name for name, _ in PREPROCESSORS}


@pytest.mark.parametrize(
    ("rule", "text", "wanted"),
    [
        (Replace("([a-c])|([0-9]+)", r"<\2\1>"), "a12b x", "<a><12><b> x"),
        (Replace(r"[\$\^]", r"\\"), "a$b^", "a\\b\\"),
        (Replace("[{control}]", ""), "a\x01b\x02", "ab"),
        (CharMap({"a": "bb", "b": "", "\t": "\n"}), "ab\tab", "bb\nbb"),
        (SequenceMap({"ab": "1", "abc": "2", "a": "3"}), "abcabaxb", "213xb"),
        (SequenceMap({"&lt;": "<", "&lte;": "≤"}), "&lt;&lte;&l;&lt&lt;", "<≤&l;&lt<"),
        (SequenceMap({"aa": "x", "aba": "y"}), "aaaabaa", "xxbx"),
        (MapWords({"not": "no-t", "a": ""}), "a cannot not a-not", " cannot no-t a-not"),
        (Squeeze("ab*", 2), "aaaabbb***a", "aabb**a"),
    ],
)
def test_each_kind_of_rule(rule, text, wanted):
    assert Rules([rule])([text]) == [wanted]
    assert function([rule])([text, "", text * 2]) == Rules([rule])([text, "", text * 2])


def test_a_pattern_too_large_for_re2_is_refused_not_skipped():
    with pytest.raises(Inexpressible, match="RE2 must compile the pattern"):
        checked(parse("[{letter}{mark}]{1000}[{letter}]{1000}"))


def test_a_control_character_does_not_end_a_pattern():
    assert "\0" not in checked(parse("[{control}]"))
    assert r"\x00" in checked(parse("[{control}]"))
