"""What scikit-learn raises where a value is wrong, and kerasseq too."""

from __future__ import annotations

from collections.abc import Sequence

from kerasseq.errors import UsageError

__all__ = ["InvalidInput", "invalid"]

SHOWN = 10
"""Lines of a message before the rest is counted."""


class InvalidInput(UsageError, ValueError):
    """Rows, targets, weights or settings that an estimator cannot learn from or answer."""


def invalid(problems: Sequence[str]) -> InvalidInput:
    """An error with a line for each of the first problems."""
    more = [f"and {len(problems) - SHOWN:,} more"] if len(problems) > SHOWN else []
    return InvalidInput("\n".join([*problems[:SHOWN], *more]))
