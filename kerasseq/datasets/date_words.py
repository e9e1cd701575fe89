"""Days, months and years in words, in every form that `dates` draws from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kerasseq.datasets.drawn import as_drawn

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arabic_year", "draw_dates", "english_years", "in_arabic", "in_english"]

FIRST, LAST = date(1800, 1, 1), date(2099, 12, 31)

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_MONTHS = "january february march april may june july august september october november december".split()
_ENGLISH = (
    "the {day} of {month} {year}",
    "{month} {day} {year}",
    "{month} the {day}, {year}",
    "on the {day} of {month} in the year {year}",
)

# Day and year are in the genitive: each sentence puts a preposition or a noun before them
_DAYS = "- الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر".split()
_EGYPT = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split()
_LEVANT = ("كانون الثاني,شباط,آذار,نيسان,أيار,حزيران,تموز,آب,أيلول,تشرين الأول,تشرين الثاني,كانون الأول").split(",")
_MASCULINE = "- واحد اثنين ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة".split()
_FEMININE = "- واحدة اثنتين ثلاث أربع خمس ست سبع ثمان تسع عشر".split()
_ROUND = "- - عشرين ثلاثين أربعين خمسين ستين سبعين ثمانين تسعين".split()
_HUNDREDS = "- مئة مئتين ثلاثمئة أربعمئة خمسمئة ستمئة سبعمئة ثمانمئة تسعمئة".split()
_ARABIC = (
    ("في {day} من {month} عام {year}", False),
    ("يوم {day} من شهر {month} سنة {year}", True),
    ("في {day} من {month} من سنة {year}", True),
    ("بتاريخ {day} من {month} لعام {year}", False),
)
"""Sentences, and whether the year is counted as a feminine noun."""


def in_english(day: date, choose: Callable[[int], int]) -> str:
    """The day in words.

    Args:
        day: From 1800 to 2099.
        choose: A number below the given one, for each choice among several forms.

    >>> in_english(date(1985, 5, 3), lambda count: 0)
    'the third of may nineteen eighty-five'
    """
    sentence = _ENGLISH[choose(len(_ENGLISH))]
    years = english_years(day.year)
    return sentence.format(day=_ordinal(day.day), month=_MONTHS[day.month - 1], year=years[choose(len(years))])


def _ordinal(number: int) -> str:
    if number <= 20:
        return _ORDINALS[number]
    return f"{_TENS[number // 10]}-{_ORDINALS[number % 10]}" if number % 10 else "thirtieth"


def _below_hundred(number: int) -> str:
    if number < 20:
        return _UNITS[number]
    return _TENS[number // 10] + (f"-{_UNITS[number % 10]}" if number % 10 else "")


def english_years(year: int) -> list[str]:
    """Every way to say a year from 1800 to 2099.

    >>> english_years(1905), english_years(2015)
    (['nineteen oh five', 'nineteen hundred and five'], ['two thousand and fifteen', 'twenty fifteen'])
    """
    century, rest = divmod(year, 100)
    if century == 20 and not rest:
        return ["two thousand"]
    if century == 20:
        thousand = f"two thousand and {_below_hundred(rest)}"
        return [thousand] if rest < 10 else [thousand, f"twenty {_below_hundred(rest)}"]
    if not rest:
        return [f"{_UNITS[century]} hundred"]
    short = f"oh {_UNITS[rest]}" if rest < 10 else _below_hundred(rest)
    return [f"{_UNITS[century]} {short}", f"{_UNITS[century]} hundred and {_below_hundred(rest)}"]


def in_arabic(day: date, choose: Callable[[int], int]) -> str:
    """The day in words; see `in_english`. Months have the names of Egypt and of the Levant."""
    sentence, feminine = _ARABIC[choose(len(_ARABIC))]
    months = (_EGYPT, _LEVANT)[choose(2)]
    return sentence.format(day=_arabic_day(day.day), month=months[day.month - 1], year=arabic_year(day.year, feminine))


def _arabic_day(number: int) -> str:
    if number <= 10:
        return _DAYS[number]
    ten, unit = divmod(number, 10)
    first = "الحادي" if unit == 1 else _DAYS[unit]
    if ten == 1:
        return f"{first} عشر"
    return f"{first} وال{_ROUND[ten]}" if unit else f"ال{_ROUND[ten]}"


def arabic_year(year: int, feminine: bool) -> str:
    """A year from 1800 to 2099 in the genitive.

    Args:
        year: The year.
        feminine: Whether it is counted as `سنة` is, not as `عام`.

    >>> arabic_year(1985, feminine=False)
    'ألف وتسعمئة وخمسة وثمانين'
    """
    thousand, rest = divmod(year, 1000)
    hundred, rest = divmod(rest, 100)
    parts = ["ألفين" if thousand == 2 else "ألف"]
    if hundred:
        parts.append(_HUNDREDS[hundred])
    if rest:
        parts.append(_arabic_below_hundred(rest, feminine))
    return " و".join(parts)


def _arabic_below_hundred(number: int, feminine: bool) -> str:
    ten, unit = divmod(number, 10)
    units = _FEMININE if feminine else _MASCULINE
    if number <= 10:
        return units[number]
    if ten == 1:
        ends = "عشرة" if feminine else "عشر"
        return f"{_before_ten(unit, feminine)} {ends}"
    if not unit:
        return _ROUND[ten]
    return f"{'إحدى' if feminine and unit == 1 else units[unit]} و{_ROUND[ten]}"


def _before_ten(unit: int, feminine: bool) -> str:
    """The units of 11 to 19."""
    odd = {1: ("أحد", "إحدى"), 2: ("اثني", "اثنتي"), 8: ("ثمانية", "ثماني")}
    return odd[unit][feminine] if unit in odd else (_FEMININE if feminine else _MASCULINE)[unit]


def draw_dates(language: str, rows: int, seed: int) -> pa.Table:
    """See `Dates.build`."""
    import numpy as np
    import pyarrow as pa

    generator = np.random.default_rng(seed)
    days = [FIRST + timedelta(int(n)) for n in generator.choice((LAST - FIRST).days + 1, size=rows, replace=False)]
    sayers = {"english": [in_english], "arabic": [in_arabic], "both": [in_english, in_arabic]}[language]

    def choose(count: int) -> int:
        return int(generator.integers(count))

    columns: dict[str, pa.Array[Any]] = {
        "text": pa.array([sayers[row % len(sayers)](day, choose) for row, day in enumerate(days)], pa.string()),
        "target": pa.array([day.isoformat() for day in days], pa.string()),
    }
    return as_drawn(columns, "dates")
