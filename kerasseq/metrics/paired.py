"""The paired bootstrap: several systems are scored on the same draws of the same rows.

Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 and 15; Koehn, Statistical Significance Tests
for Machine Translation Evaluation, 2004. An easy draw is easy for both systems: their difference varies less than
either score, and two models with overlapping intervals may still differ beyond chance.
"""

# N rows, R resamples, B resamples of one chunk, S runs of one system

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kerasseq.metrics.bootstrap import Measure, percentile_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Difference", "Replicas", "difference", "mean_replicas", "replicate"]

Replicas: TypeAlias = "Mapping[str, NDArray[np.float64]]"
"""The score of each of R draws by name, `(R,)`; NaN where it is undefined."""


@dataclass(frozen=True)
class Difference:
    """One score of one system less that of another one, on the same rows.

    Attributes:
        value: On all rows.
        low: Lower end of the interval; None where no draw defines both scores.
        high: Upper end of the interval, likewise.
        p: Two-sided, in (0, 1]; None likewise.
    """

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None


def replicate(systems: Sequence[Sequence[Measure]], draws: Iterable[NDArray[np.int64]]) -> list[Replicas]:
    """Score every system on the same draws.

    Args:
        systems: Of each system its S runs, at least one; a draw's score is their mean.
        draws: Chunks `(B, N)` of row numbers; row i is the same for every run of every system.

    Returns:
        For each system the scores of the R draws; a score that only some of its runs have is left out.
    """
    import numpy as np

    chunks: list[list[Replicas]] = [[] for _ in systems]
    for index in draws:
        for found, runs in zip(chunks, systems, strict=True):
            found.append(mean_replicas([run(index) for run in runs]))
    return [{name: np.concatenate([chunk[name] for chunk in found]) for name in found[0]} for found in chunks]


def mean_replicas(runs: Sequence[Replicas]) -> Replicas:
    """The mean over S runs of each draw's score; a score that only some of them have is left out."""
    import numpy as np

    names = [name for name in runs[0] if all(name in one for one in runs)]
    return {name: np.mean([one[name] for one in runs], axis=0) for name in names}


def difference(
    value: float,
    mine: NDArray[np.float64],
    other: NDArray[np.float64],
    confidence: float = 0.95,
    seeds: tuple[Sequence[float], Sequence[float]] = ((), ()),
) -> Difference:
    """How far one score lies from another one, on the same draws.

    With `seeds` the rows are not all that was drawn: another seed would have given other weights. The variance of a
    mean over seeds, given the rows, adds to that of the rows: each draw of rows gets a draw of what Student's t-test
    for two samples says of the seeds, whose tails are long where they are few.

    p is twice the share of the draws in which the difference is zero or turned, both counted with one draw more, as the
    rows themselves are one: never under 2 / (R + 1). It and the interval agree, but for the draw that is added.

    Args:
        value: Their difference on all rows.
        mine: The score of each draw, `(R,)`.
        other: The other system's, from the same draws.
        confidence: Share of the draws inside the interval, in (0, 1).
        seeds: The scores of the S runs behind either side, on all rows. Of a side with a single one the spread is that
            of the other side; with two such sides the difference is that of these very weights.

    >>> import numpy as np
    >>> difference(0.5, np.array([3.0, 4.0, 5.0]), np.array([2.0, 4.0, 4.0])).p
    1.0
    """
    import numpy as np

    apart = mine - other + _of_seeds(seeds, len(mine))
    apart = apart[np.isfinite(apart)]
    found = percentile_interval(apart, confidence)
    if found is None:
        return Difference(value)
    sides = ((apart <= 0).sum() + 1, (apart >= 0).sum() + 1)
    return Difference(value, *found, min(1.0, 2 * float(min(sides)) / (len(apart) + 1)))


def _of_seeds(seeds: tuple[Sequence[float], Sequence[float]], count: int) -> NDArray[np.float64]:
    """What other seeds would have added to a difference of means, `(R,)`: evenly spread quantiles, in any order."""
    import numpy as np
    from scipy.stats import t

    freedom = sum(len(side) - 1 for side in seeds if len(side))
    if not min(map(len, seeds)) or not freedom or not np.isfinite([*seeds[0], *seeds[1]]).all():
        return np.zeros(count)
    pooled = sum(len(side) * np.var(side) for side in seeds) / freedom
    deviation = np.sqrt(pooled * sum(1 / len(side) for side in seeds))
    quantiles = deviation * t.ppf((np.arange(count) + 0.5) / count, freedom)
    return np.random.default_rng(0).permutation(quantiles)
