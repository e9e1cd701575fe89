"""Each score of a model beside that of its best baseline: better, worse or undecided, by the paired bootstrap."""

# R resamples

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kerasseq.metrics.paired import Difference, difference
from kerasseq.metrics.scores import Score

__all__ = ["Against", "Outcome", "against", "against_as_json"]

Outcome = Literal["better", "equal", "undecided", "worse"]


@dataclass(frozen=True)
class Against:
    """One score of a model and the same score of a baseline.

    Attributes:
        own: The model's; it has a value.
        baseline: Name of the baseline.
        other: Its score; it has a value.
        apart: The model's less the baseline's, from the same draws of the same rows; without interval and p where the
            draws were not kept, or none defines both.
        level: What p has to be under, 0.05: one less the confidence.
    """

    own: Score
    baseline: str
    other: Score
    apart: Difference
    level: float

    @property
    def outcome(self) -> Outcome:
        """What the test says: `undecided` where the difference may be chance, and where nothing could be tested."""
        if math.isclose(self.apart.value, 0, abs_tol=1e-9 * max(1e-3, abs(self.other.value or 0))):
            return "equal"
        if self.apart.p is None or self.apart.p >= self.level:
            return "undecided"
        return "better" if self.ahead else "worse"

    @property
    def ahead(self) -> bool:
        """Whether the model's number is the better one, beyond chance or not."""
        return self.apart.value < 0 if self.own.lower_is_better else self.apart.value > 0


def against(
    scores: Sequence[Score], baselines: Mapping[str, Sequence[Score]], main: str, confidence: float
) -> list[Against]:
    """Every whole score of the model beside the same score of the baseline that is best in the main one.

    One rival for all: the best of each score would be a foolish one now and then, as the majority class is best in
    recall. Which one it is is seen on the same rows, and that favours the baseline.

    Args:
        scores: Of the model; those of single classes are left out, and those without a value.
        baselines: The same scores of each baseline, from the same draws.
        main: Name of the score by which the baseline is chosen.
        confidence: In (0, 1).

    Returns:
        In the order of `scores`; nothing where no baseline has the main score, or the model lacks it.

    >>> import numpy as np
    >>> mine = Score("accuracy", 0.9, 0.8, 1.0, draws=np.full(99, 0.9))
    >>> other = Score("accuracy", 0.5, 0.4, 0.6, draws=np.full(99, 0.5))
    >>> [(one.baseline, one.outcome, one.apart.p) for one in against([mine], {"majority": [other]}, "accuracy", 0.95)]
    [('majority', 'better', 0.02)]
    """
    tables = {who: {score.name: score for score in found} for who, found in baselines.items()}
    known = [(found[main].value, who) for who, found in tables.items() if main in found]
    values = [(value, who) for value, who in known if value is not None]
    first = next((score for score in scores if score.name == main and score.value is not None), None)
    if first is None or not values:
        return []
    rival = (min if first.lower_is_better else max)(values, key=lambda entry: entry[0])[1]
    found = []
    for own in scores:
        other = tables[rival].get(own.name)
        if own.of_class or own.value is None or other is None or other.value is None:
            continue
        apart = Difference(own.value - other.value)
        if own.draws is not None and other.draws is not None and len(own.draws) == len(other.draws):
            apart = difference(apart.value, own.draws, other.draws, confidence)
        found.append(Against(own, rival, other, apart, round(1 - confidence, 12)))
    return found


def against_as_json(found: Sequence[Against]) -> dict[str, dict[str, Any]]:
    """By score: the baseline, the difference with its interval, p, and what follows; ready for `metrics.json`."""
    return {
        one.own.name: {
            "baseline": one.baseline,
            "difference": one.apart.value,
            "low": one.apart.low,
            "high": one.apart.high,
            "p": one.apart.p,
            "outcome": one.outcome,
        }
        for one in found
    }
