"""What people write as a number, read in one way everywhere: targets, weights, checks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

__all__ = [
    "ABSENT",
    "LARGEST",
    "SMALLEST",
    "absent",
    "as_number",
    "number_fault",
    "one_spelling",
    "with_point",
]

LARGEST = 1e15
SMALLEST = 1e-30
"""Sizes of a number that is not 0: in float32 the squares of larger ones, their sums and the gradients of these are
infinite."""

ABSENT = frozenset({"nan", "null", "na", "n/a", "#n/a"})
"""What programs write where a number is missing, in lower case."""

_SIGNS = str.maketrans({"\u066b": ".", "\u2212": "-"})
_COMMA = re.compile(r"[+-]?\d+(?:\.\d{3})*,\d+")
_OUT_OF = re.compile(r"\d+(?:[.,]\d+)?\s*/\s*([1-9][0-9]{0,8})")


def as_number(value: Any) -> float:
    """The number that a value is, or NaN; Arabic digits, their decimal separator and U+2212 are read too.

    >>> as_number(" 2.5 "), as_number("\u0663\u066b\u0665"), as_number("3,5")
    (2.5, 3.5, nan)
    """
    text = str(value)
    if isinstance(value, bool) or "_" in text:  # Python reads 1_000 as a number, no table means it
        return math.nan
    try:
        number = float(text.translate(_SIGNS).strip())
    except ValueError:
        return math.nan
    return number if number == 0 or SMALLEST <= abs(number) <= LARGEST else math.nan


def with_point(text: str) -> str:
    """A number of decimal commas, and points before thousands, with a point for the comma; any other text as it is.

    >>> with_point("0,5"), with_point("-1.234,5"), with_point("1.234")
    ('0.5', '-1234.5', '1.234')
    """
    return text.replace(".", "").replace(",", ".") if _COMMA.fullmatch(text) else text


def number_fault(value: Any) -> str:
    """What is wrong with a value that `as_number` does not take.

    >>> number_fault("3,5")
    'must be a number, got "3,5"; write a point for the decimals: 3.5'
    """
    if value is None:
        return "must be a number, got nothing"
    text = str(value).strip()
    said = f'must be a number, got "{text[:60]}"'
    if (decimal := with_point(text)) != text:
        return f"{said}; write a point for the decimals: {decimal}"
    if "%" in text or "\u066a" in text:
        return f"{said}; leave the percent sign away"
    if found := _OUT_OF.fullmatch(text):
        return (
            f'{said}; in a table dataset.numbers = "N/{found[1]}" reads it, where every row has that number behind it'
        )
    try:
        size = abs(float(text.translate(_SIGNS)))
    except ValueError:
        return said
    return f"{said}; its size must be 0 or from {SMALLEST:g} to {LARGEST:g}" if size > 0 else said


def absent(values: Iterable[str]) -> set[str]:
    """Of the values of a column those that stand where a number is missing; a class may be called `null`, so there are
    none where another value is no number, or none is.

    >>> absent(["1.5", "nan", "2"]), absent(["good", "null"]), absent(["N/A"])
    ({'nan'}, set(), set())
    """
    known = set(values)
    found = {value for value in known if value.lower() in ABSENT}
    numbers = known - found
    return found if numbers and all(math.isfinite(as_number(value)) for value in numbers) else set()


def one_spelling(values: Iterable[str]) -> dict[str, str]:
    """Of values that are all numbers, those that one number spells in more than one way, each with the shortest.

    >>> one_spelling(["1", "1.0", "2.0"]), one_spelling(["1", "1.0", "good"])
    ({'1.0': '1'}, {})
    """
    known = sorted(set(values), key=lambda value: (len(value), value))
    shortest: dict[float, str] = {}
    for value in known:
        number = as_number(value)
        if math.isnan(number):
            return {}
        shortest.setdefault(number, value)
    found = {value: shortest[as_number(value)] for value in known}
    return {value: other for value, other in found.items() if value != other}
