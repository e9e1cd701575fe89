"""Sizes of a forecast: window, horizon, season and base, from the length of a step and from the numbers themselves."""

# T steps, D columns, S steps of a season, H steps of a horizon

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from kerasseq.datasets.times import Times

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["base_of", "grows_by_shares", "natural_season", "sizes"]

Reasoned = tuple[int, str]

_SECOND = 1_000_000
_HOUR, _DAY = 3600 * _SECOND, 86_400 * _SECOND
_SHORT = 24
"""Steps of a window where nothing says more."""
_LONG = 100
"""Steps of the longest season that a window of a first experiment holds."""


def natural_season(times: Times | None, on_gap: str) -> Reasoned:
    """Steps that people count in, and what these are: 12 and a year; 1 and nothing where a step has no such."""
    step = Fraction(times.step) if times is not None else Fraction(0)
    if times is None or not step or not times.unit:
        return 1, ""
    if times.unit == "month":
        return (int(12 / step), "a year") if 12 % step == 0 and step < 12 else (1, "")
    if step == 7 * _DAY:
        return 52, "a year"
    if step == _DAY and on_gap == "keep":
        return 5, "a week of five days"
    rounds = ((7 * _DAY, "a week"), (_DAY, "a day"), (_HOUR, "an hour"), (60 * _SECOND, "a minute"))
    fitting = [(int(whole / step), name) for whole, name in rounds if step < whole and whole % step == 0]
    short = [each for each in fitting if each[0] <= _LONG]
    return short[0] if short else (1, "")


def sizes(steps: int, natural: int, unit: str, found: int) -> tuple[Reasoned, Reasoned, Reasoned]:
    """Window, horizon and season, each with its reason.

    Args:
        steps: T.
        natural: See `natural_season`.
        unit: What that is.
        found: S as the numbers say it, 1 for none.

    >>> [size for size, _ in sizes(144, 12, "a year", 12)], [size for size, _ in sizes(3650, 7, "a week", 365)]
    ([24, 12, 12], [28, 7, 1])
    """
    most = max(2, int(0.6 * steps) // 3)
    rhythm, name = (found, "a season") if 1 < found <= _LONG and found != natural else (natural, unit)
    window = min(max(2 * rhythm, rhythm * math.ceil(_SHORT / rhythm)), most)
    horizon = min(rhythm, max(1, steps // 12), _SHORT * 2)
    if 1 < found <= window:
        same = f", {unit}" if found == natural else ""
        season = (found, f"the numbers resemble themselves most {found} steps before{same}")
    elif found > 1:
        season = (1, f"the numbers resemble themselves most {found:,} steps before, more than a window holds")
    else:
        season = (1, "no season was found in the numbers")
    short = f"what {steps:,} steps leave room for"
    seen = f"{window // rhythm} x {name or 'a step'}" if rhythm > 1 else "no rhythm says more"
    said = name if rhythm > 1 else "the next step"
    return (
        (window, short if window == most else seen),
        (horizon, said if horizon == rhythm else short if horizon < _SHORT else "as far as a first one should look"),
        season,
    )


def base_of(training: NDArray[np.float64], horizon: int, season: int) -> tuple[str, str]:
    """What the answer is best added to, and how far each base alone misses, in deviations of the training part.

    Args:
        training: `(T, D)`, without gaps.
        horizon: H.
        season: S, 1 for none.
    """
    import numpy as np

    deviation = np.where(np.ptp(training, axis=0) > 0, training.std(axis=0), 1.0)
    scaled = (training - training.mean(axis=0)) / deviation
    ahead = range(1, horizon + 1)
    misses = {"last": np.mean([np.abs(scaled[h:] - scaled[:-h]).mean() for h in ahead])}
    if season > 1:
        lags = [season * math.ceil(h / season) for h in ahead]
        misses["season"] = np.mean([np.abs(scaled[lag:] - scaled[:-lag]).mean() for lag in lags])
    misses["none"] = np.abs(scaled).mean()
    best = min(misses, key=lambda name: float(misses[name]))
    names = {"last": "the last step", "season": "one season before", "none": "the mean"}
    said = ", ".join(f"{names[name]} {miss:.2f}" for name, miss in misses.items())
    return best, f"what is nearest by itself; misses in deviations: {said}"


def grows_by_shares(training: NDArray[np.float64], window: int) -> bool:
    """Whether the numbers move more where they are larger: in stretches of a window, deviation rises with the mean."""
    import numpy as np

    count = len(training) // window
    if count < 3 or (training <= 0).any():
        return False
    stretches = training[: count * window].reshape(count, window, -1)
    means, spreads = stretches.mean(axis=1), stretches.std(axis=1)  # (count, D)
    if (means.max(axis=0) < 1.5 * means.min(axis=0)).any() or (np.ptp(spreads, axis=0) == 0).any():
        return False
    return all(np.corrcoef(m, s)[0, 1] > 0.8 for m, s in zip(means.T, spreads.T, strict=True))
