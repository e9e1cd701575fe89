"""N-grams are those that a person would write down, and equal ones have equal keys wherever they stand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.wide.substrings import PART, Substrings, apart, parts

TEXTS = st.lists(st.text(alphabet="abجd.! é", max_size=30), max_size=6)


def spelled(points, found):
    return [points.spelled(a, b) for a, b in zip(found.starts, found.ends, strict=True)]


def by_row(points, found):
    return Counter(zip(found.rows.tolist(), spelled(points, found), strict=True))


def words_of(texts, most):
    return Counter(
        (row, f" {' '.join(words[a : a + n])} ")
        for row, text in enumerate(texts)
        for words in [text.split()]
        for n in range(1, most + 1)
        for a in range(len(words) - n + 1)
    )


def letters_of(texts, most):
    return Counter(
        (row, f" {word} "[a : a + n])
        for row, text in enumerate(texts)
        for word in text.split()
        for n in range(2, most + 1)
        for a in range(len(word) + 2 - n + 1)
        if n < len(word) + 2
    )


@given(TEXTS)
def test_they_are_all_runs_of_words_and_of_letters_inside_words(texts):
    texts = apart()(texts)
    points = Substrings(texts)
    assert by_row(points, points.words(3)) == words_of(texts, 3)
    assert by_row(points, points.characters(5)) == letters_of(texts, 5)


@given(TEXTS, TEXTS)
def test_keys_are_equal_where_the_n_grams_are_whatever_stands_around_them(texts, others):
    keys = {}
    for group in (texts, [*others, *texts]):
        points = Substrings(apart()(group))
        for found in (points.words(2), points.characters(4)):
            for name, key in zip(spelled(points, found), found.keys.tolist(), strict=True):
                assert keys.setdefault(name, key) == key
    assert len(set(keys.values())) == len(keys)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Good,  GOOD\tfilm!!", "good , good film ! !"),
        ("  قَرَأتُ الكِتابَ، مرّتين ", "قَرَأتُ الكِتابَ ، مرّتين"),
        ("", ""),
        (" \n", ""),
        ("a_b c-d", "a_b c - d"),
    ],
)
def test_marks_stay_in_their_words_and_signs_stand_alone(text, made):
    assert apart()([text]) == [made]


def test_many_texts_are_looked_at_in_parts_that_hold_each_once():
    texts = ["x" * (PART // 3), "y" * PART, "z", "w" * 10]
    cut = list(parts(texts))
    assert len(cut) > 1
    assert [text for part in cut for text in texts[part]] == texts
    assert list(parts([])) == []


def test_a_lone_surrogate_is_a_code_point_like_others():
    points = Substrings(["a\ud800"])
    assert spelled(points, points.words(1)) == [" a\ud800 "]
    assert len(np.unique(points.words(1).keys)) == 1
