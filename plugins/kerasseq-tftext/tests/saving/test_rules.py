"""Rules as TensorFlow operators do to a text what they do in Python."""

import pytest
from kerasseq_tftext.saving.rules import RuleGraph
from kerasseq_tftext.tensors import tensor, texts

from kerasseq.pipelines.made_texts import HOSTILE as RAW
from kerasseq.plugin import CharMap, MapWords, Replace, Rule, Rules, SequenceMap, Squeeze
from kerasseq.registry.components import find, load

TEXTS = [
    *(text.replace("\0", "\x01") for text in RAW),
    "The <b>food</b> &amp; the service weren't good at http://t.co/a1 @me #so_bad 3.5",
    "الخِدمَةُ ممتاااازة جدًّا ولا أنصح به ١٢٫٥ ؟؟؟",
]


def both(rules: list[Rule]) -> tuple[list[str], list[str]]:
    return texts(RuleGraph(rules)(tensor(TEXTS))), Rules(rules)(TEXTS)


@pytest.mark.parametrize("name", [c.name for c in find("preprocessor") if c.distribution == "kerasseq"])
def test_every_preprocessor_of_kerasseq(name: str) -> None:
    _, spec = load("preprocessor", name)
    built = spec().build()
    assert built.portable
    ours, theirs = both(list(built.rules))
    assert ours == theirs


@pytest.mark.parametrize(
    "rule",
    [
        CharMap({"a": "bb", "ا": "", "\0": "nul", "\U0001f469": "w"}),
        CharMap({}),
        SequenceMap({"the": "THE", "th": "x", "t": "y", "فو": "-"}),
        SequenceMap({"&amp;": "&", "&lt;": "<"}),
        MapWords({"food": "meal", "weren't": "were not", "http": ""}),
        Squeeze("oاn.", 2),
        Replace("([a-z])([0-9])", r"\2\1\\"),
        Replace("{start}[A-Z]|[a-z]{end}", "_"),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_every_kind_of_rule(rule: Rule) -> None:
    ours, theirs = both([rule])
    assert ours == theirs


def test_no_texts_give_none() -> None:
    assert texts(RuleGraph([CharMap({"a": "b"}), Replace("c", "d")])(tensor([]))) == []
