"""Answers as named columns: one description for the model, its exported file, and whoever opens that."""

# N rows, K classes

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["AnswerColumn", "answer_columns", "as_columns", "class_columns"]

DIGITS = 6


@dataclass(frozen=True)
class AnswerColumn:
    """One column of answers.

    Attributes:
        name: `"prediction"`, the first one, or what stands behind it, `"score[good]"`.
        output: The array it is taken from, by the name of the file's output.
        pick: `"all"` for the whole value of a row, `"largest"` for the largest of its numbers, or the place of one.
    """

    name: str
    output: str
    pick: str | int = "all"

    def as_json(self) -> dict[str, Any]:
        """As metadata has it."""
        return asdict(self)


def class_columns(labels: Sequence[str]) -> tuple[AnswerColumn, ...]:
    """Those of a classification: `prediction`, `score`, and `score[label]` for each class."""
    scores = (AnswerColumn(f"score[{label}]", "probabilities", k) for k, label in enumerate(labels))
    return (AnswerColumn("prediction", "label"), AnswerColumn("score", "probabilities", "largest"), *scores)


def answer_columns(values: Sequence[Mapping[str, Any]]) -> tuple[AnswerColumn, ...]:
    """What `AnswerColumn.as_json` wrote."""
    return tuple(AnswerColumn(str(v["name"]), str(v["output"]), v["pick"]) for v in values)


def _rounded(value: Any) -> float:
    return round(float(value), DIGITS)


def as_columns(
    columns: Sequence[AnswerColumn], arrays: Mapping[str, Any], number: Callable[[Any], float] = _rounded
) -> dict[str, list[Any]]:
    """The values of `N` rows as plain Python values; whole numbers and texts stay what they are.

    Args:
        columns: What is wanted.
        arrays: By the name of an output: an array `(N, ...)`, or one array a row.
        number: What any other number becomes; six decimals.
    """
    return {column.name: [_plain(_picked(column, row), number) for row in arrays[column.output]] for column in columns}


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
