"""How good lines are on rows that they had not seen, and what makes them as sure as they should be."""

# N rows, K numbers of an answer

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.wide.linear import losses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.wide.branch import Sought
    from kerasseq.wide.linear import Fitted

__all__ = ["class_judge", "class_logits", "number_judge", "scale"]


def class_logits(lines: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Of two classes half the line for and against; of more, whose lines are judged alone, `ln sigmoid`."""
    if classes == 2:
        return np.concatenate([-lines / 2, lines / 2], axis=1)
    return -np.logaddexp(0, -lines)


def class_judge(sought: Sought) -> Callable[[NDArray[np.float64]], float]:
    """The main score, and a little of the log loss, which tells apart what scores alike."""

    def judge(lines: NDArray[np.float64]) -> float:
        from sklearn.metrics import f1_score

        seen = ~np.isnan(lines[:, 0])
        truth, logits = sought.truth[seen], class_logits(lines[seen], sought.classes)
        answers = logits.argmax(axis=1)
        score = (answers == truth).mean()
        if sought.by_class:
            score = f1_score(truth, answers, average="macro", zero_division=0)
        said = truth if sought.shares is None else sought.shares[seen]
        return float(score) - 0.02 * float(losses(logits, said).mean())

    return judge


def number_judge(sought: Sought) -> Callable[[NDArray[np.float64]], float]:
    """The squared error behind a line through the answers, for the penalty draws them to the mean."""

    def judge(lines: NDArray[np.float64]) -> float:
        seen = ~np.isnan(lines[:, 0])
        truth, given = sought.truth[seen].astype(float), lines[seen, 0]
        factor, shift = _straightened(given, truth)
        return -float(((factor * given + shift - truth) ** 2).mean())

    return judge


def scale(fitted: Fitted, sought: Sought) -> tuple[float, float]:
    """Factor and shift that make the lines, where they had not seen a row, as sure as they should be."""
    seen = ~np.isnan(fitted.held_out[:, 0])
    truth, lines = sought.truth[seen], fitted.held_out[seen]
    if not sought.classes:
        return _straightened(lines[:, 0], truth.astype(float))
    from scipy.optimize import minimize_scalar

    truth = truth if sought.shares is None else sought.shares[seen]
    logits = class_logits(lines, sought.classes)
    found = minimize_scalar(lambda x: losses(np.exp(x) * logits, truth).mean(), bounds=(-3.0, 3.0), method="bounded")
    return float(np.exp(found.x)), 0.0


def _straightened(given: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[float, float]:
    """Factor and shift of the straight line from `given` to `truth`; no factor below 0."""
    deviation = given.std()
    factor = max(float(np.mean((given - given.mean()) * (truth - truth.mean()))) / deviation**2, 0) if deviation else 0
    return float(factor), float(truth.mean() - factor * given.mean())
