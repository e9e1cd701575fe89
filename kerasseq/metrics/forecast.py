"""Scores of a forecast: MAE, RMSE and MASE, with intervals over blocks of neighbouring windows."""

# N windows, H steps of a horizon, D dimensions, T steps of a series, B resamples of one chunk

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerasseq.metrics.blocks import block_length, in_blocks
from kerasseq.metrics.bootstrap import Measure, bootstrap_scores
from kerasseq.metrics.scores import Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["forecast_measure", "forecast_scores", "seasonal_scale"]


def seasonal_scale(training: NDArray[np.float64], season: int) -> NDArray[np.float64]:
    """What MASE calls 1: the mean absolute error of saying, in the training part, what was one season before.

    Args:
        training: The steps of training, `(T, D)`.
        season: Steps of a season, at least 1; where the training part is no longer than it, 1 is taken.

    Returns:
        `(D,)`; NaN for a dimension in which that error is 0, or of a single step.
    """
    import numpy as np

    training = np.asarray(training, dtype=np.float64)
    lag = season if season < len(training) else 1
    if len(training) <= lag:
        return np.full(training.shape[1], np.nan)
    error = np.abs(training[lag:] - training[:-lag]).mean(axis=0)
    return np.where(error > 0, error, np.nan)


def forecast_scores(
    truth: NDArray[np.float64],
    prediction: NDArray[np.float64],
    scale: NDArray[np.float64],
    *,
    block: int = 0,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Score]:
    """Score the steps ahead of every window, each score with a bootstrap interval over blocks of windows.

    Args:
        truth: True values, `(N, H, D)`, windows in the order of time.
        prediction: Predicted values, `(N, H, D)`, in the unit of the truth.
        scale: `(D,)`, of `seasonal_scale`.
        block: Windows of a block; 0 takes what `block_length` says.
        resamples: Draws of the bootstrap, at least 1.
        confidence: Share of the draws inside the interval, in (0, 1).
        seed: The same seed gives the same intervals.

    Returns:
        `mae` and `rmse` in the unit of the truth, `mase` without a unit: 1 is as good as saying in training what was
        one season before (Hyndman and Koehler, Another look at measures of forecast accuracy, 2006). All are over
        windows, steps and dimensions. With fewer than two blocks there is no interval, and the note says so.

    Raises:
        ValueError: Shapes disagree, there are no windows, or a value is not finite.

    >>> import numpy as np
    >>> truth, scale = np.arange(6.0).reshape(3, 2, 1), np.array([2.0])
    >>> [(s.name, s.value) for s in forecast_scores(truth, truth + 1, scale)]
    [('mae', 1.0), ('rmse', 1.0), ('mase', 0.5)]
    """
    import numpy as np

    truth = np.asarray(truth, dtype=np.float64)
    measure = forecast_measure(truth, prediction, scale, block)
    rows = len(truth)
    length = block or block_length(rows, truth.shape[1])
    repeats = "a dimension repeats itself from season to season in training"
    notes = {} if np.isfinite(scale).all() else {"mase": repeats}
    scores = bootstrap_scores(measure, rows, notes, resamples=resamples, confidence=confidence, seed=seed)
    if rows >= 2 * length:
        return scores
    # All draws of one block hold the same windows: an interval of no width, which says nothing
    few = f"no interval: {rows} windows are fewer than two blocks of {length}"
    return [score if score.value is None else Score(score.name, score.value, None, None, few) for score in scores]


def forecast_measure(
    truth: NDArray[np.float64], prediction: NDArray[np.float64], scale: NDArray[np.float64], block: int = 0
) -> Measure:
    """The scores of `forecast_scores` as a function of the windows that are drawn; it draws blocks.

    Args:
        truth: True values, `(N, H, D)`.
        prediction: Predicted values, `(N, H, D)`.
        scale: `(D,)`.
        block: Windows of a block; 0 takes what `block_length` says.

    Raises:
        ValueError: As `forecast_scores`.
    """
    import numpy as np

    truth = np.asarray(truth, dtype=np.float64)
    prediction = np.asarray(prediction, dtype=np.float64)
    scale = np.asarray(scale, dtype=np.float64)
    _check(truth, prediction, scale)
    error = np.abs(prediction - truth)
    absolute, squares = error.mean(axis=(1, 2)), (error**2).mean(axis=(1, 2))  # (N,)
    scaled = (error / scale).mean(axis=(1, 2))

    def measure(index: NDArray[np.int64]) -> Mapping[str, NDArray[np.float64]]:
        return {
            "mae": absolute[index].mean(axis=1),
            "rmse": np.sqrt(squares[index].mean(axis=1)),
            "mase": scaled[index].mean(axis=1),
        }

    return in_blocks(measure, len(truth), block or block_length(len(truth), truth.shape[1]))


def _check(truth: NDArray[np.float64], prediction: NDArray[np.float64], scale: NDArray[np.float64]) -> None:
    import numpy as np

    if truth.ndim != 3 or truth.shape != prediction.shape:
        raise ValueError(f"truth and prediction must have shape (N, H, D), got {truth.shape} and {prediction.shape}")
    if scale.shape != truth.shape[2:]:
        raise ValueError(f"scale must have shape (D,)=({truth.shape[2]},), got {scale.shape}")
    if not truth.size:
        raise ValueError(f"truth must have at least 1 window and 1 step, got {truth.shape}")
    if not (np.isfinite(truth).all() and np.isfinite(prediction).all()):
        raise ValueError("truth and prediction must be finite")
