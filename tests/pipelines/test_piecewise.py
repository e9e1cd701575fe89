"""Ids by pieces are those of every rule on every text, and of the pattern on what comes out."""

import copy
import csv
import pickle
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from fuzzing.texts import CHAINS, HOSTILE, TEXT, built, one_by_one
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.corpus.text import Texts
from kerasseq.pipelines import piecewise as module
from kerasseq.pipelines.piecewise import Piecewise
from kerasseq.pipelines.text import TextPipeline
from kerasseq.preprocessors.rules import CharMap, Preprocessor, Replace, Rules
from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.subword import Subword
from kerasseq.tokenizers.whitespace import Whitespace
from kerasseq.tokenizers.word import Word
from kerasseq.tokenizers.word_pattern import known_tokens

TOKENIZERS = {"word": Word(min_frequency=1), "whitespace": Whitespace(min_frequency=1)}


@cache
def trained(kind: str) -> PatternTokenizer:
    tokenizer = TOKENIZERS[kind].build()
    tokenizer.train(built("Arabic")([*HOSTILE, "a b ا"]))
    return tokenizer


@cache
def kept(name: str, kind: str) -> Piecewise:
    made = Piecewise.of(built(name), trained(kind))
    assert made is not None
    return made


def reference(name: str, kind: str, texts: Sequence[str]) -> list[list[int]]:
    return [list(row) for row in trained(kind).sequences(one_by_one(built(name).rules, texts))]


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=20, deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=60))
def test_ids_by_pieces_are_those_of_whole_texts(name: str, kind: str, texts: list[str]) -> None:
    assert [row.tolist() for row in kept(name, kind)(texts)] == reference(name, kind, texts)


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize("name", CHAINS)
def test_hostile_texts(name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 10)
    monkeypatch.setattr(module, "PIECES", 60)  # all are forgotten now and then
    texts = [*HOSTILE, "".join(HOSTILE), " ".join(HOSTILE), "\ud800", "  a  b ", "a\tb\u00a0c"] * 5
    assert [row.tolist() for row in kept(name, kind)(texts)] == reference(name, kind, texts)


@settings(deadline=None)
@given(st.text(st.sampled_from([*"abzABZ019_ابتةىآ\u064b\u0654éß\u1e9e\u0663", "\u20e3", "ℹ", "\u0660"]), min_size=1))
def test_what_is_known_of_tokens_is_what_the_pattern_says(text: str) -> None:
    split = trained("word").pattern.regex.findall
    many = [text, f"{text}.", f"{text}@a.b", f"#{text}", f"www.{text}", f"{text}/{text}", "", "http://a", "[url]"]
    for one, cut in zip(many, known_tokens().each(many), strict=True):
        assert split(one) == ([one] if one else []) if cut is None else cut(one) == split(one)


class Upper(Preprocessor):
    """A plugin's arbitrary Python."""

    def __call__(self, texts: Sequence[str]) -> list[str]:
        return [f"{text[:1]} {text}" for text in texts]


def test_arbitrary_python_reads_whole_texts() -> None:
    by_pieces = Piecewise.of(Upper(), trained("whitespace"))
    assert by_pieces is not None
    texts = ["a b", "b", ""] * 5
    wanted = [list(row) for row in trained("whitespace").sequences(Upper()(texts))]
    assert [row.tolist() for row in by_pieces(texts)] == wanted


@pytest.mark.parametrize(
    "rule",
    [
        Replace("a b", "c"),
        Replace("{start}a", "b"),
        Replace("[^x]a", "b"),
        Replace("{any}a", "b"),
        Replace("{space}+", ""),
        Replace("{space}+", "\x1c"),
        CharMap({" ": "_"}),
        CharMap({"\n": ""}),
    ],
)
def test_a_rule_that_reads_over_white_space_stays_with_the_whole_text(rule: Replace | CharMap) -> None:
    whole, each = Rules([CharMap({"x": "y"}), Replace("q", "r"), rule, Replace("y", "z")]).parted()
    assert (len(whole.rules), len(each.rules)) == (3, 1)


def test_a_tokenizer_that_reads_over_white_space_has_no_pieces() -> None:
    assert Piecewise.of(Rules(), PatternTokenizer("x", "a b|[^{space}]+")) is None
    assert Piecewise.of(Rules(), Subword().build()) is None


class Halves(PatternTokenizer):
    """A plugin's tokenizer that cuts in its own way."""

    def split(self, text: str) -> list[str]:
        return [text[: len(text) // 2], text[len(text) // 2 :]]


def test_a_tokenizer_with_a_cut_of_its_own_has_no_pieces() -> None:
    assert Piecewise.of(Rules(), Halves("x", "[^{space}]+")) is None


def pipeline() -> TextPipeline:
    spec = Word(min_frequency=1, max_length=5, truncation="both")
    made = TextPipeline(CHAINS["Arabic"], spec, spec.build())
    made.fit(Texts(["a b c", "ا ب"]))
    return made


def ids(made: TextPipeline, texts: list[str]) -> list[list[int]]:
    return [row.tolist() for row in made.encode(Texts(texts))[0]["tokens"]]


def test_a_vocabulary_learned_anew_is_looked_up_anew() -> None:
    made, texts = pipeline(), ["a b x", "ب"] * 10
    first = ids(made, texts)
    made.fit(Texts(["x x ب b"]))
    assert ids(made, texts) == [[1, 4, 3], [5]] * 10 != first


def test_what_was_interrupted_is_not_remembered_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = Whitespace(min_frequency=1).build()
    tokenizer.train(["a b c d"])
    by_pieces = Piecewise.of(Rules(), tokenizer)
    assert by_pieces is not None
    texts = ["a b", "c d"] * 8
    wanted = [row.tolist() for row in by_pieces(texts)]

    def interrupted(pieces: Sequence[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(by_pieces, "_learn", interrupted)
        by_pieces(["new pieces here"] * 8)
    assert [row.tolist() for row in by_pieces(texts)] == wanted


def test_a_copy_reads_texts_as_the_one_it_was_made_of() -> None:
    made, texts = pipeline(), ["a b x", "أ ب c d e f g"] * 10
    wanted = ids(made, texts)
    for again in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert ids(again, texts) == wanted


@pytest.mark.parametrize("truncation", ["head", "tail", "both"])
def test_truncation_of_many_rows_is_that_of_each(truncation: str) -> None:
    spec = Whitespace(min_frequency=1, max_length=5, truncation=truncation)
    tokenizer = spec.build()
    tokenizer.train(["a b c d e f g h"])
    texts = ["a b c d e f g h x", "", "a", "a b c d e", "x b c d e f"] * 3
    by_pieces = Piecewise.of(Rules(), tokenizer)
    assert by_pieces is not None
    one, other = tokenizer.kept_of(by_pieces(texts)), tokenizer.encode(texts)
    assert [row.tolist() for row in one.ids] == [row.tolist() for row in other.ids]
    np.testing.assert_array_equal(one.cut, other.cut)
    assert (one.unknown, one.tokens) == (other.unknown, other.tokens)


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["Arabic", "tweets"])
def test_real_tweets_have_the_ids_of_rule_by_rule(realdata: Path, name: str) -> None:
    with (realdata / "arsarcasm" / "ArSarcasm_train.csv").open(encoding="utf-8") as file:
        texts = [row["tweet"] for row in csv.DictReader(file)][:4000]
    tokenizer = Word().build()
    tokenizer.train(built(name)(texts[:2000]))
    by_pieces = Piecewise.of(built(name), tokenizer)
    assert by_pieces is not None
    wanted = [list(row) for row in tokenizer.sequences(one_by_one(built(name).rules, texts))]
    assert [row.tolist() for row in by_pieces(texts)] == wanted
