"""Answers as named columns: one description for the model, its exported file, and whoever opens that."""

# N rows, K classes

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["AnswerColumn", "answer_columns", "as_columns", "class_columns", "decimals_of"]

DIGITS = 6


@dataclass(frozen=True)
class AnswerColumn:
    """One column of answers.

    Attributes:
        name: `"prediction"`, the first one, or what stands behind it, `"score[good]"`.
        output: The array it is taken from, by the name of the file's output.
        pick: `"all"` for the whole value of a row, `"largest"` for the largest of its numbers, or the place of one.
        decimals: Of its numbers that are not whole, at least 6.
    """

    name: str
    output: str
    pick: str | int = "all"
    decimals: int = DIGITS

    def as_json(self) -> dict[str, Any]:
        """As metadata has it: without `decimals` where these are 6."""
        found = asdict(self)
        if self.decimals == DIGITS:
            del found["decimals"]
        return found


def decimals_of(size: float) -> int:
    """Decimals of answers that are about as large as `size`: 6, and of small ones as many as make six digits.

    >>> decimals_of(4.5), decimals_of(0.2), decimals_of(3e-7)
    (6, 6, 12)
    """
    return max(DIGITS, DIGITS - 1 - math.floor(math.log10(size))) if 0 < size < math.inf else DIGITS


def class_columns(labels: Sequence[str]) -> tuple[AnswerColumn, ...]:
    """Those of a classification: `prediction`, `score`, and `score[label]` for each class."""
    scores = (AnswerColumn(f"score[{label}]", "probabilities", k) for k, label in enumerate(labels))
    return (AnswerColumn("prediction", "label"), AnswerColumn("score", "probabilities", "largest"), *scores)


def answer_columns(values: Sequence[Mapping[str, Any]]) -> tuple[AnswerColumn, ...]:
    """What `AnswerColumn.as_json` wrote."""
    return tuple(
        AnswerColumn(str(v["name"]), str(v["output"]), v["pick"], int(v.get("decimals", DIGITS))) for v in values
    )


def as_columns(
    columns: Sequence[AnswerColumn], arrays: Mapping[str, Any], number: Callable[[Any], float] | None = None
) -> dict[str, list[Any]]:
    """The values of `N` rows as plain Python values; whole numbers and texts stay what they are.

    Args:
        columns: What is wanted.
        arrays: By the name of an output: an array `(N, ...)`, or one array a row.
        number: What any other number becomes; None for the decimals of its column.
    """
    found = {}
    for column in columns:
        becomes = number or _rounding(column.decimals)
        found[column.name] = [_plain(_picked(column, row), becomes) for row in arrays[column.output]]
    return found


def _rounding(decimals: int) -> Callable[[Any], float]:
    return lambda value: round(float(value), decimals)


def _picked(column: AnswerColumn, value: Any) -> Any:
    if column.pick == "all":
        return value
    return value.max() if column.pick == "largest" else value[column.pick]


def _plain(value: Any, number: Callable[[Any], float]) -> Any:
    if isinstance(value, str):
        return str(value)
    if getattr(value, "ndim", 0):
        return [_plain(inner, number) for inner in value]
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return int(value) if kind in "iu" and kind else number(value)
