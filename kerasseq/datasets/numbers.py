"""What people write as a number, read in one way everywhere: targets, weights, checks."""

from __future__ import annotations

import math
import re
from typing import Any

__all__ = ["LARGEST", "SMALLEST", "as_number", "number_fault"]

LARGEST = 1e30
SMALLEST = 1e-30
"""Sizes of a number that is not 0: float32 holds their squares' sums no further."""

_SIGNS = str.maketrans({"\u066b": ".", "\u2212": "-"})
_COMMA = re.compile(r"[+-]?\d+(?:\.\d{3})*,\d+")


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
