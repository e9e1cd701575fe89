"""What people write as a number, read in one way everywhere: targets, weights, checks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, Literal

__all__ = [
    "ABSENT",
    "LARGEST",
    "SMALLEST",
    "Form",
    "absent",
    "as_number",
    "form_of",
    "in_points",
    "mixed",
    "number_fault",
    "one_spelling",
]

Form = Literal["point", "comma", "percent"]
"""How a table writes its numbers: `0.5`; `0,5`, `1.234,5` and `1.234` for 1234; `50 %` and `12,5 %`."""

LARGEST = 1e15
SMALLEST = 1e-30
"""Sizes of a number that is not 0: in float32 the squares of larger ones, their sums and the gradients of these are
infinite."""

ABSENT = frozenset({"nan", "null", "na", "n/a", "#n/a"})
"""What programs write where a number is missing, in lower case."""

_SIGNS = str.maketrans({"\u066b": ".", "\u2212": "-"})
_COMMA = re.compile(r"[+-]?\d+(?:\.\d{3})*,\d+")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_PERCENT = re.compile(r"\s*[%\u066a]$")


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


def number_fault(value: Any) -> str:
    """What is wrong with a value that `as_number` does not take.

    >>> number_fault("3,5")
    'must be a number, got "3,5"; write a point for the decimals: 3.5'
    """
    if value is None:
        return "must be a number, got nothing"
    text = str(value).strip()
    said = f'must be a number, got "{text[:60]}"'
    if _COMMA.fullmatch(text):
        return f"{said}; write a point for the decimals: {text.replace('.', '').replace(',', '.')}"
    if "%" in text or "\u066a" in text:
        return f"{said}; leave the percent sign away"
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


def in_points(value: str, form: Form) -> str:
    """A number as `as_number` reads it; what is none in that form stays as it is.

    >>> in_points("0,5", "comma"), in_points("12,5 %", "percent"), in_points("good", "comma")
    ('0.5', '12.5', 'good')
    >>> in_points("1.234", "comma"), in_points("1.234,5", "comma"), in_points("0.125", "comma")
    ('1234', '1234.5', '0.125')
    """
    text = value.strip()
    if form == "percent":
        text = _PERCENT.sub("", text)
    if form == "comma" and _GROUPED.fullmatch(text):
        text = text.replace(".", "")
    elif form != "point" and _COMMA.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    return text if math.isfinite(as_number(text)) else value


def mixed(values: Iterable[str]) -> str:
    """What is wrong with a column of decimal commas in which a point is the mark of thousands and of decimals.

    >>> mixed(["0,5", "0.555", "1.555"])
    'must write decimals in one way, got "0.555", where the point stands before decimals, beside "1.555", where it may \
stand before thousands'
    >>> mixed(["0,5", "1.555"]), mixed(["0,5", "0.555"])
    ('', '')
    """
    known = sorted({value.strip() for value in values if "." in value and "," not in value})
    grouped = [value for value in known if _GROUPED.fullmatch(value)]
    decimal = [value for value in known if value not in grouped and math.isfinite(as_number(value))]
    if not grouped or not decimal:
        return ""
    return (
        f'must write decimals in one way, got "{decimal[0]}", where the point stands before decimals, beside '
        f'"{grouped[0]}", where it may stand before thousands'
    )


def form_of(values: Iterable[str]) -> Form | None:
    """How numbers are written; None where some value is none.

    >>> form_of(["0,5", "1"]), form_of(["7%", "100%"]), form_of(["1.5"]), form_of(["1,5", "good"])
    ('comma', 'percent', 'point', None)
    """
    known = set(values)
    forms: tuple[Form, ...] = ("point", "comma", "percent")
    return next((f for f in forms if all(math.isfinite(as_number(in_points(v, f))) for v in known)), None)


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
