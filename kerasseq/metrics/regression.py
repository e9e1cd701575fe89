"""Scores of a regression: MAE, RMSE, R2, Pearson's and Spearman's correlation."""

# N rows, B resamples of one chunk, G groups of equal values

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kerasseq.metrics.bootstrap import Measure, bootstrap_scores
from kerasseq.metrics.scores import Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["regression_measure", "regression_scores"]


def regression_scores(
    truth: NDArray[np.float64],
    prediction: NDArray[np.float64],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Score]:
    """Score predicted numbers against true ones, each score with a bootstrap interval.

    Args:
        truth: True values, `(N,)`.
        prediction: Predicted values, `(N,)`, in the unit of the truth.
        resamples: Draws of the bootstrap, at least 1.
        confidence: Share of the draws inside the interval, in (0, 1).
        seed: The same seed gives the same intervals.

    Returns:
        `mae` and `rmse` in the unit of the truth, `r2`, `pearson`, `spearman`. R2 of a constant truth and a correlation
        with a constant are undefined.

    Raises:
        ValueError: Shapes disagree, there are no rows, or a value is not finite.

    >>> import numpy as np
    >>> [(s.name, round(s.value, 2)) for s in regression_scores(np.array([0., 5., 10.]), np.array([1., 5., 8.]))]
    [('mae', 1.0), ('rmse', 1.29), ('r2', 0.9), ('pearson', 1.0), ('spearman', 1.0)]
    """
    import numpy as np

    truth = np.asarray(truth, dtype=np.float64)
    prediction = np.asarray(prediction, dtype=np.float64)
    measure = regression_measure(truth, prediction)
    notes = _notes(truth, prediction)
    return bootstrap_scores(measure, len(truth), notes, resamples=resamples, confidence=confidence, seed=seed)


def regression_measure(truth: NDArray[np.float64], prediction: NDArray[np.float64]) -> Measure:
    """The scores of `regression_scores` as a function of the rows that are drawn.

    Args:
        truth: True values, `(N,)`.
        prediction: Predicted values, `(N,)`.

    Raises:
        ValueError: As `regression_scores`.
    """
    import numpy as np

    truth = np.asarray(truth, dtype=np.float64)
    prediction = np.asarray(prediction, dtype=np.float64)
    _check(truth, prediction)
    error = prediction - truth
    centred = truth - truth.mean(), prediction - prediction.mean()  # keeps digits when values are large
    rank_truth, rank_prediction = _ranking(truth), _ranking(prediction)

    def measure(index: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        errors = error[index]  # (B, N)
        squares = (errors**2).mean(axis=1)
        true, predicted = (values[index] for values in centred)
        spread = _or_nan(true.var(axis=1), np.ptp(true, axis=1) > 0)
        with np.errstate(over="ignore"):  # of a spread that is next to nothing: infinite, and so undefined
            unexplained = squares / spread
        return {
            "mae": np.abs(errors).mean(axis=1),
            "rmse": np.sqrt(squares),
            "r2": 1 - unexplained,
            "pearson": _correlation(true, predicted),
            "spearman": _correlation(rank_truth(index), rank_prediction(index)),
        }

    return measure


def _check(truth: NDArray[np.float64], prediction: NDArray[np.float64]) -> None:
    import numpy as np

    if truth.ndim != 1 or truth.shape != prediction.shape:
        raise ValueError(f"truth and prediction must have shape (N,), got {truth.shape} and {prediction.shape}")
    if not len(truth):
        raise ValueError("truth must have at least 1 row, got 0")
    if not (np.isfinite(truth).all() and np.isfinite(prediction).all()):
        raise ValueError("truth and prediction must be finite")


def _or_nan(values: NDArray[np.float64], defined: NDArray[np.bool_]) -> NDArray[np.float64]:
    """NaN where a value is not defined, or so small that its square was rounded to zero."""
    import numpy as np

    return np.where(defined & (values > 0), values, np.nan)


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's correlation of each row of two `(B, N)` arrays; NaN where one of them is constant."""
    import numpy as np

    defined = (np.ptp(x, axis=1) > 0) & (np.ptp(y, axis=1) > 0)
    x = x - x.mean(axis=1, keepdims=True)
    y = y - y.mean(axis=1, keepdims=True)
    norm = _or_nan(np.sqrt((x**2).sum(axis=1)) * np.sqrt((y**2).sum(axis=1)), defined)
    correlation: NDArray[np.float64] = np.clip((x * y).sum(axis=1) / norm, -1, 1)
    return correlation


def _ranking(values: NDArray[np.float64]) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """Ranks within each draw, ties sharing their mean, without sorting any draw."""
    import numpy as np

    levels, group = np.unique(values, return_inverse=True)

    def ranks(index: NDArray[np.int64]) -> NDArray[np.float64]:
        draws = len(index)
        keys = group[index] + len(levels) * np.arange(draws)[:, None]  # (B, N)
        counts = np.bincount(keys.ravel(), minlength=draws * len(levels)).reshape(draws, len(levels))
        middle = np.cumsum(counts, axis=1) - (counts - 1) / 2  # (B, G)
        of_rows: NDArray[np.float64] = middle.ravel()[keys]
        return of_rows

    return ranks


def _notes(truth: NDArray[np.float64], prediction: NDArray[np.float64]) -> dict[str, str]:
    import numpy as np

    notes: dict[str, str] = {}
    if np.ptp(truth) == 0:
        notes = dict.fromkeys(("r2", "pearson", "spearman"), "the truth is constant")
    elif np.ptp(prediction) == 0:
        notes = dict.fromkeys(("pearson", "spearman"), "the prediction is constant")
    return notes
