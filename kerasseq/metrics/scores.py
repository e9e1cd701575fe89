"""One score of a test: its name, its value and the interval around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["LOWER_IS_BETTER", "Score", "scores_as_json"]

LOWER_IS_BETTER = frozenset({"log_loss", "mae", "rmse"})
"""The scores that are errors; every other one grows with quality."""


@dataclass(frozen=True)
class Score:
    """One score with its bootstrap interval.

    A score that cannot be computed (a correlation with a constant, the ROC AUC of one class) has no number: value, low
    and high are None, which JSON writes as null, and `note` says why. NaN never leaves this package.

    Attributes:
        name: `"f1_macro"`; of one class `"f1[spam]"`.
        value: The score on all test rows.
        low: Lower end of the interval.
        high: Upper end of the interval.
        note: Why there is no value, or what a reader has to know about it; mostly empty.

    >>> print(Score("accuracy", 0.91, 0.885, 0.933))
    0.910 [0.885, 0.933]
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    note: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return f"undefined ({self.note})"
        if self.low is None or self.high is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def as_json(self) -> dict[str, float | str | None]:
        """Value, low and high, and the note where there is one."""
        numbers: dict[str, float | str | None] = {"value": self.value, "low": self.low, "high": self.high}
        return {**numbers, "note": self.note} if self.note else numbers


def scores_as_json(scores: Iterable[Score]) -> dict[str, dict[str, float | str | None]]:
    """The scores by name, in their order, ready for `metrics.json`.

    >>> scores_as_json([Score("roc_auc", None, None, None, "only one class in the test rows")])
    {'roc_auc': {'value': None, 'low': None, 'high': None, 'note': 'only one class in the test rows'}}
    """
    return {score.name: score.as_json() for score in scores}
