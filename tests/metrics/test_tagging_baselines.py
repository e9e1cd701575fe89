import logging
import sys

import numpy as np
import pytest

from kerasseq.datasets.bundled_tags import BundledTags
from kerasseq.datasets.tokens import Tokens
from kerasseq.errors import UsageError
from kerasseq.metrics.tagging import tagging_measure
from kerasseq.metrics.tagging_baselines import crf_tags, most_frequent_tags, shape, tagging_baselines

TOKENS = [["سافر", "خالد", "إلى", "حلب"], ["حلب", "خالد", "البقرة"], ["May", "may", "go"]] * 4
TAGS = [["O", "B-PER", "O", "B-LOC"], ["O", "B-PER", "O"], ["B-PER", "O", "O"]] * 4


def f1(truth, predicted, scheme="bio", name="f1"):
    return float(tagging_measure(truth, predicted, scheme)(np.arange(len(truth))[None])[name][0])


def test_each_token_gets_its_most_frequent_tag_and_an_unknown_one_that_of_all():
    train = [["a", "a", "a", "b"], ["c", "d", "d"]]
    tags = [["X", "Y", "Y", "Z"], ["Z", "X", "Z"]]
    assert most_frequent_tags(train, tags, [["a", "b", "new"], [], ["d"]]) == [["Y", "Z", "Z"], [], ["X"]]


def test_the_chain_tells_by_context_what_a_word_is():
    pytest.importorskip("pycrfsuite")
    assert crf_tags(TOKENS, TAGS, TOKENS[:3]) == TAGS[:3]
    assert most_frequent_tags(TOKENS, TAGS, TOKENS[:3]) != TAGS[:3]


def test_the_chain_answers_the_same_each_time_and_for_empty_sentences():
    pytest.importorskip("pycrfsuite")
    new = [["إلى", "دمشق", "#a:b|c"], [], ["x"]]
    first, again = (crf_tags(TOKENS, TAGS, new) for _ in range(2))
    assert first == again
    assert [len(tags) for tags in first] == [3, 0, 1]
    assert crf_tags([["a"]], [["O"]], [["b", "c"]]) == [["O", "O"]]


def test_without_the_library_the_chain_says_how_to_get_it_and_is_left_out(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "pycrfsuite", None)
    with pytest.raises(UsageError, match="needs python-crfsuite; install it by pip install python-crfsuite"):
        crf_tags(TOKENS, TAGS, TOKENS)
    with caplog.at_level(logging.WARNING, "kerasseq"):
        assert set(tagging_baselines(TOKENS, TAGS, TOKENS)) == {"most_frequent"}
    assert "pip install python-crfsuite" in caplog.text


def test_shapes_keep_kinds_of_characters_and_runs_as_one():
    assert [shape(token) for token in ("NATO", "Mr.", "١٩٩٨", "3,000", "حلب", "ذَهَبَ", "")] == [
        "X",
        "Xx.",
        "d",
        "d,d",
        "a",
        "aَaَaَ",
        "",
    ]


@pytest.mark.parametrize("function", [most_frequent_tags, crf_tags])
def test_numbers_that_disagree_are_refused(function):
    for tokens, tags in (([["a"]], []), ([["a", "b"]], [["O"]])):
        with pytest.raises(ValueError, match="must agree"):
            function(tokens, tags, [])
    with pytest.raises(ValueError, match="must hold at least 1 token"):
        function([[]], [[]], [])


def test_the_bundled_set_is_no_matter_of_single_words():
    pytest.importorskip("pycrfsuite")
    built = BundledTags().build()
    tokens, tags = (built.column(name).to_pylist() for name in ("tokens", "target"))
    cut = len(tokens) // 5  # the sentences are shuffled
    found = tagging_baselines(tokens[cut:], tags[cut:], tokens[:cut])
    single, chain = (f1(tags[:cut], found[name]) for name in ("most_frequent", "crf"))
    assert 0.55 < single < chain - 0.05
    assert chain < 0.92


@pytest.mark.realdata
def test_the_most_frequent_tag_reaches_the_known_floor_on_arabic_parts_of_speech(realdata):
    train, test = (Tokens(train=str(realdata / "arabic_pos" / f"{side}.txt")).build() for side in ("train", "test"))
    (x, y), (tokens, tags) = ([t.column(n).to_pylist() for n in ("tokens", "target")] for t in (train, test))
    assert f1(tags, most_frequent_tags(x, y, tokens), "none", "accuracy") == pytest.approx(0.905, abs=1e-3)


@pytest.mark.slow
@pytest.mark.realdata
def test_the_chain_finds_the_chunks_of_conll_2000(realdata):
    pytest.importorskip("pycrfsuite")
    train, test = (Tokens(train=str(realdata / "conll2000" / f"{side}.txt")).build() for side in ("train", "test"))
    (x, y), (tokens, tags) = ([t.column(n).to_pylist() for n in ("tokens", "target")] for t in (train, test))
    assert f1(tags, crf_tags(x, y, tokens)) > 0.915  # from the words alone, without their parts of speech
