"""Whether the backends of a model reach the same score, as far as its seeds can tell.

Initial weights and batch order are drawn in NumPy: for one seed, two backends start equal and see the same batches.

- Without dropout, nothing else is random. The same seed must lead both to the same score: for every seed, their
  difference is at most a tenth of the spread over the seeds. What rounding adds up to is far below that.
- With dropout, or in bfloat16, a seed means another draw on each backend. Then the means over the seeds may differ as
  two samples of one population do: Student's t-test for two samples, 1 in 100 of whose verdicts is wrong where the
  backends are equal.

In both cases a difference of one thousandth of the score is let pass: a spread over few seeds may be tiny by chance.
"""

# S seeds

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Agreement", "agree", "is_random"]

SHARE = 0.1
"""Of the spread over the seeds, where nothing but the seed is random."""

LEVEL = 0.01
"""Of the t-test."""

_DRAWN = re.compile("dropout|weight_drop|scheduled_sampling")

FLOOR = 1e-3
"""Share of the score that never matters."""


@dataclass(frozen=True)
class Agreement:
    """The main score of one model on two backends.

    Attributes:
        label: The model.
        backends: Which two.
        difference: Second less first: of the seed where they lie farthest apart, or of the means (`rule`).
        allowed: The largest difference that is no finding; None where it cannot be said.
        rule: `"same seed"`, or `"means"`.
        ok: Whether they agree; None where it cannot be said.
        why: Why it cannot be said.
    """

    label: str
    backends: tuple[str, str]
    difference: float | None
    allowed: float | None
    rule: str
    ok: bool | None
    why: str = ""


def agree(
    label: str,
    backends: tuple[str, str],
    scores: tuple[Mapping[int, float], Mapping[int, float]],
    random: bool,
) -> Agreement:
    """Compare the scores of two backends.

    Args:
        label: The model.
        backends: Their names.
        scores: Seed to score, of each.
        random: Whether more is random than the seed's weights and batches; see `is_random`.

    >>> same = {0: 0.80, 1: 0.84, 2: 0.79}
    >>> agree("gru", ("torch", "jax"), (same, {0: 0.801, 1: 0.8401, 2: 0.7899}), random=False).ok
    True
    >>> agree("gru", ("torch", "jax"), (same, {0: 0.81, 1: 0.84, 2: 0.79}), random=False).ok
    False
    """
    rule = "means" if random else "same seed"
    seeds = sorted(scores[0].keys() & scores[1].keys())
    if len(seeds) < 2:
        why = f"needs 2 seeds that both have finished, got {len(seeds)}"
        return Agreement(label, backends, None, None, rule, None, why)
    first, second = (np.array([found[seed] for seed in seeds]) for found in scores)
    spread = math.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    floor = FLOOR * abs(float(first.mean()))
    if random:
        from scipy.stats import t

        apart = float(second.mean() - first.mean())
        count = len(seeds)
        allowed = float(t.ppf(1 - LEVEL / 2, 2 * count - 2)) * spread * math.sqrt(2 / count)
    else:
        differences = second - first
        apart = float(differences[np.abs(differences).argmax()])
        allowed = SHARE * spread
    allowed = max(allowed, floor)
    return Agreement(label, backends, apart, allowed, rule, abs(apart) <= allowed)


def is_random(settings: Mapping[str, Any]) -> bool:
    """Whether an experiment draws or rounds on the backend: something is dropped in any section, the decoder reads what
    it wrote itself, or bfloat16."""
    return settings.get("precision", "float32") != "float32" or _drops(settings)


def _drops(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(
            _drops(inner) or (_DRAWN.search(key) and isinstance(inner, int | float) and inner > 0)
            for key, inner in value.items()
        )
    return isinstance(value, Sequence) and not isinstance(value, str) and any(map(_drops, value))
