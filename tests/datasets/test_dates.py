"""Dates in words, against what the digits say."""

from datetime import date

import pytest

from kerasseq.datasets.date_words import arabic_year, english_years, in_arabic, in_english
from kerasseq.datasets.dates import Dates


@pytest.mark.parametrize(
    ("year", "said"),
    [
        (1800, ["eighteen hundred"]),
        (1907, ["nineteen oh seven", "nineteen hundred and seven"]),
        (1985, ["nineteen eighty-five", "nineteen hundred and eighty-five"]),
        (2000, ["two thousand"]),
        (2003, ["two thousand and three"]),
        (2040, ["two thousand and forty", "twenty forty"]),
    ],
)
def test_years_are_said_as_people_say_them(year, said):
    assert english_years(year) == said


@pytest.mark.parametrize(
    ("year", "masculine", "feminine"),
    [
        (1800, "ألف وثمانمئة", "ألف وثمانمئة"),
        (1901, "ألف وتسعمئة وواحد", "ألف وتسعمئة وواحدة"),
        (1911, "ألف وتسعمئة وأحد عشر", "ألف وتسعمئة وإحدى عشرة"),
        (1912, "ألف وتسعمئة واثني عشر", "ألف وتسعمئة واثنتي عشرة"),
        (1918, "ألف وتسعمئة وثمانية عشر", "ألف وتسعمئة وثماني عشرة"),
        (1981, "ألف وتسعمئة وواحد وثمانين", "ألف وتسعمئة وإحدى وثمانين"),
        (2010, "ألفين وعشرة", "ألفين وعشر"),
        (2065, "ألفين وخمسة وستين", "ألفين وخمس وستين"),
    ],
)
def test_an_arabic_year_agrees_with_the_noun_that_it_counts(year, masculine, feminine):
    assert arabic_year(year, feminine=False) == masculine
    assert arabic_year(year, feminine=True) == feminine


def test_days_and_months_have_names_in_both_languages():
    assert in_english(date(2022, 12, 31), lambda count: 0) == "the thirty-first of december two thousand and twenty-two"
    assert in_english(date(1999, 2, 12), lambda count: 1) == "february twelfth nineteen hundred and ninety-nine"
    assert in_arabic(date(1999, 2, 21), lambda count: 0) == "في الحادي والعشرين من فبراير عام ألف وتسعمئة وتسعة وتسعين"
    assert in_arabic(date(2000, 10, 11), lambda count: 1) == "يوم الحادي عشر من شهر تشرين الأول سنة ألفين"


def test_every_day_has_words_of_its_own():
    choices = [lambda count: 0, lambda count: count - 1]
    days = [date(1900 + n % 200, 1 + n % 12, 1 + n % 28) for n in range(2000)]
    for say in (in_english, in_arabic):
        for choose in choices:
            assert len({say(day, choose) for day in set(days)}) == len(set(days))


def test_rows_are_drawn_from_the_seed_and_no_day_comes_twice():
    table = Dates(rows=200, seed=3).build()
    assert table.equals(Dates(rows=200, seed=3).build())
    assert not table.equals(Dates(rows=200, seed=4).build())
    assert len(set(table["target"].to_pylist())) == 200
    assert table["split"].to_pylist().count("test") == 20
    assert all(date.fromisoformat(day) for day in table["target"].to_pylist())


@pytest.mark.parametrize(("language", "shares"), [("english", {False}), ("arabic", {True}), ("both", {False, True})])
def test_the_language_is_the_one_that_was_asked_for(language, shares):
    texts = Dates(language=language, rows=60).build()["text"].to_pylist()
    assert {any("\u0600" <= letter <= "\u06ff" for letter in text) for text in texts} == shares
