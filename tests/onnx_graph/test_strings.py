"""A rule does the same to a text in a graph as in Python, to the last character."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.onnx_graph.strings import checked
from kerasseq.patterns import parse
from kerasseq.pipelines.made_texts import HOSTILE
from kerasseq.preprocessors.rules import CharMap, MapWords, Replace, Rules, SequenceMap, Squeeze
from kerasseq.registry.components import find, load
from kerasseq.testing import rules_in_graph

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
    ("arabic", {"ta_marbuta": True, "hamza": "carrier", "presentation": False}),
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


@pytest.mark.parametrize(("name", "options"), PREPROCESSORS, ids=lambda value: str(value))
def test_a_preprocessor_does_the_same_in_the_graph(name, options):
    built = load("preprocessor", name)[1](**options).build()
    in_graph = rules_in_graph(built.rules)

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
        (Replace("[^a-c]+", ""), "xabz-c", "abc"),
        (Replace("[a-z]", ""), "abc", ""),
        (Replace("x+y", "z", only_with="xy", sign="xy"), "axxyb", "azb"),
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
    assert rules_in_graph([rule])([text, "", text * 2]) == Rules([rule])([text, "", text * 2])


def test_rules_whose_signs_no_text_shows_are_asked_for_together_and_left_out():
    rules = [Replace("a1+", "x", only_with="1"), Replace("b2+", "y", only_with="2"), Replace("[0-9]{3}", "z", sign="0")]
    in_graph = rules_in_graph(rules)
    for texts in (["a b c"], ["a11 b22 c2345"], ["c0345", "b2", "a1b2 0123"], [""]):
        assert in_graph(texts) == Rules(rules)(texts)
    graph = Graph()
    graph.output("texts", "string", ["batch"], graph.strings.rules(rules, graph.input("text", "string", ["batch"])))
    nodes = graph.model({}).graph.node
    assert [node.op_type for node in nodes].count("If") == 1
    assert "StringRegexReplace" not in [node.op_type for node in nodes]


def test_a_set_is_removed_without_a_pattern_that_is_compiled_at_every_call():
    graph = Graph()
    text = graph.strings.rules([Replace("[^a-c]", "")], graph.input("text", "string", ["batch"]))
    graph.output("texts", "string", ["batch"], text)
    assert [node.op_type for node in graph.model({}).graph.node] == ["Tokenizer", "StringJoin", "Identity"]


def test_a_pattern_too_large_for_re2_is_refused_not_skipped():
    with pytest.raises(Inexpressible, match="RE2 must compile the pattern"):
        checked(parse("[{letter}{mark}]{1000}[{letter}]{1000}"))


def test_a_control_character_does_not_end_a_pattern():
    assert "\0" not in checked(parse("[{control}]"))
    assert r"\x00" in checked(parse("[{control}]"))
