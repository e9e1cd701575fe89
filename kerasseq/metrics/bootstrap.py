"""The percentile bootstrap over rows: draw rows with replacement, score each draw, cut off both tails.

Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3.
"""

# N rows, R resamples, B resamples of one chunk

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from kerasseq.metrics.scores import Score, is_of_class

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Measure", "bootstrap_scores", "percentile_interval", "resample_indices", "times_drawn"]

Measure: TypeAlias = "Callable[[NDArray[np.int64]], Mapping[str, NDArray[np.float64]]]"
"""Row numbers `(B, N)` to the scores `(B,)` of each draw, by name, NaN where undefined."""

_CHUNK = 1_000_000  # row numbers drawn at once: 8 MB, so that a large test set needs no large memory


def resample_indices(rows: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Draw row numbers with replacement.

    Args:
        rows: Number of rows N, at least 1.
        resamples: Number of draws R, at least 1.
        seed: The same seed gives the same draws.

    Yields:
        Chunks `(B, N)` of row numbers; `B` adds up to R.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    step = max(1, _CHUNK // rows)
    for start in range(0, resamples, step):
        yield generator.integers(0, rows, size=(min(step, resamples - start), rows))


def times_drawn(index: NDArray[np.int64], rows: int) -> NDArray[np.float64]:
    """How often each row is in each draw, `(B, N)`: times counts of each row it gives their sums.

    Args:
        index: Row numbers of each draw, `(B, M)`.
        rows: Number of rows N.

    >>> import numpy as np
    >>> times_drawn(np.array([[0, 2, 2]]), 3).tolist()
    [[1.0, 0.0, 2.0]]
    """
    import numpy as np

    draws = len(index)
    keys = index + rows * np.arange(draws)[:, None]
    return np.bincount(keys.ravel(), minlength=draws * rows).reshape(draws, rows).astype(np.float64)


def bootstrap_scores(
    measure: Measure,
    rows: int,
    notes: Mapping[str, str],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> list[Score]:
    """Score all rows once, and R draws of them for the interval.

    Draws in which a score is undefined (NaN) do not count towards its interval; the note says how many they were.

    Args:
        measure: Gives the scores of each draw.
        rows: Number of rows N, at least 1.
        notes: Why a score is undefined on all rows, or what else to say about it, by name.
        resamples: Number of draws R, at least 1.
        confidence: Share of the draws inside the interval, in (0, 1).
        seed: The same seed gives the same intervals.

    Returns:
        One score for each name that `measure` returns, in its order.
    """
    import numpy as np

    if rows < 1:
        raise ValueError("rows must be at least 1, got 0")
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, got {resamples}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}")
    points = measure(np.arange(rows)[None, :])
    chunks = [measure(chunk) for chunk in resample_indices(rows, resamples, seed)]
    replicas = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in points}
    return [_score(name, float(points[name][0]), replicas[name], notes.get(name, ""), confidence) for name in points]


def _score(name: str, value: float, replicas: NDArray[np.float64], note: str, confidence: float) -> Score:
    import numpy as np

    if not np.isfinite(value):
        return Score(name, None, None, None, note or "undefined on these rows")
    ends = percentile_interval(replicas, confidence)
    if ends is None:
        note = _joined(note, "undefined in every resample, so there is no interval")
        return Score(name, value, None, None, note)
    defined = np.count_nonzero(np.isfinite(replicas))
    if defined < len(replicas):
        note = _joined(note, f"interval over the {defined} of {len(replicas)} resamples in which it is defined")
    return Score(name, value, *ends, note, draws=None if is_of_class(name) else replicas)  # classes may be thousands


def percentile_interval(replicas: NDArray[np.float64], confidence: float) -> tuple[float, float] | None:
    """Both ends of the interval over the draws in which a score is defined; None where there is no such draw.

    Args:
        replicas: The score of each of R draws, `(R,)`, NaN where undefined.
        confidence: Share of the draws inside the interval, in (0, 1).
    """
    import numpy as np

    defined = replicas[np.isfinite(replicas)]
    if not len(defined):
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
