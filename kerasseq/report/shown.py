"""A score's number as people read it."""

from __future__ import annotations

from kerasseq.metrics.scores import Score
from kerasseq.report.markup import number

__all__ = ["shown"]


def shown(score: Score, value: float | None) -> str:
    """A value of that score: three decimals, and enough digits where an error is in a small unit.

    >>> shown(Score("r2", -9e-05, None, None), -9e-05), shown(Score("mae", 9e-05, None, None), 9e-05)
    ('0.000', '9.0e-05')
    """
    if value is None or score.lower_is_better:
        return number(value)
    return number(round(value, 3) + 0.0)  # no minus before a zero
