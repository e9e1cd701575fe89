import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.preprocessors.arabic import Arabic
from kerasseq.preprocessors.english import Contractions
from kerasseq.preprocessors.rules import chain
from kerasseq.preprocessors.stopword_lists import NEGATION, STOP
from kerasseq.preprocessors.stopwords import Stopwords
from kerasseq.preprocessors.unicode import Casefold


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("both", "cat mat البيت"),
        ("english", "cat mat هو في البيت"),
        ("arabic", "The cat on the mat البيت"),
    ],
)
def test_stop_words_of_the_language_go(language: str, expected: str) -> None:
    assert Stopwords(language=language).build()(["The cat on the mat هو في البيت"]) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "لا",
        "لم",
        "لن",
        "ليس",
        "ما",
        "غير",
        "مو",
        "مش",
        "ولا",
        "بدون",
        "not",
        "no",
        "never",
        "don't",
        "don’t",
        "n't",
        "isn't",
        "without",
    ],
)
def test_negation_is_protected(text: str) -> None:
    assert Stopwords().build()([text]) == [text]
    assert Stopwords(extra=(text,)).build()([text]) == [text]
    assert Stopwords(protect_negation=False).build()([text]) == [""]


def test_no_stop_word_is_a_negation() -> None:
    for language in STOP:
        assert not set(STOP[language]) & set(NEGATION[language])


def test_words_can_be_added_and_kept() -> None:
    remove = Stopwords(extra=("film",), keep=("the",)).build()
    assert remove(["the film is Good"]) == ["the Good"]


def test_only_whole_words_go() -> None:
    assert Stopwords().build()(["theme state-of-the-art فيل it's (the)"]) == ["theme state-of-the-art فيل it's ()"]


def test_the_list_goes_through_the_chain_before_it() -> None:
    text = "ذهبت الي البيت لان إلى THE لانه"
    assert chain([Stopwords().build()])([text]) == ["ذهبت الي البيت لان THE لانه"]
    after = chain([Arabic().build(), Casefold().build(), Stopwords().build()])
    assert after([text]) == ["ذهبت البيت"]


def test_kept_and_negating_words_go_through_the_chain_too() -> None:
    folded = chain([Arabic(ta_marbuta=True).build(), Stopwords(keep=("إلى",), extra=("أبداً",)).build()])
    assert folded(["إلى الي ابدا لا"]) == ["الي الي ابدا لا"]


def test_negation_survives_contractions() -> None:
    assert chain([Contractions().build(), Stopwords().build()])(["I don't like it"]) == ["not like"]


def test_it_stays_rules_as_data_and_survives_pickling() -> None:
    joined = chain([Arabic().build(), Stopwords().build()])
    assert joined.portable
    assert pickle.loads(pickle.dumps(joined))(["هذا البيت"]) == ["البيت"]
    alone = pickle.loads(pickle.dumps(Stopwords().build()))
    assert chain([Casefold().build(), alone])(["THE END"]) == ["end"]


@given(st.text(alphabet="abthe من لا'’-.\n", max_size=40))
def test_nothing_but_words_and_spaces_is_lost(text: str) -> None:
    out = Stopwords().build()([text])[0]
    assert out.count(".") == text.count(".")
    assert out.count("\n") == text.count("\n")
