"""What a forecast has to beat: the last value, the value one season before, and a linear model of the window."""

# T steps, D dimensions, W steps of a window, H steps of a horizon, N windows, M training windows

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq.metrics.season import find_season

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["fitted_ridge", "forecast_baselines", "last_value", "ridge_on_lags", "seasonal_naive"]

_ALPHAS = (1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3)
_FOLDS = 5


def forecast_baselines(
    series: NDArray[np.float64],
    training: int,
    first: NDArray[np.int64],
    window: int,
    horizon: int,
    season: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """Forecasts without a neural network; each knows what lies before its first target, and no more.

    Args:
        series: All steps, `(T, D)`.
        training: How many of them, from the start, are for training.
        first: The step of each window's first target, `(N,)`, from `window` on.
        window: Steps that the linear model sees, W.
        horizon: Steps ahead H.
        season: Steps of a season; 0 finds them in the training part.

    Returns:
        `(N, H, D)` by name: `last_value`, `seasonal_naive` where there is a season, and `ridge` where training has a
        window.
    """
    import numpy as np

    series = np.asarray(series, dtype=np.float64)
    season = season or find_season(series[:training])
    found = {"last_value": last_value(series, first, horizon)}
    if season > 1 and (not len(first) or season <= first.min()):
        found["seasonal_naive"] = seasonal_naive(series, first, horizon, season)
    if training >= window + horizon:
        found["ridge"] = ridge_on_lags(series, training, first, window, horizon)
    return found


def last_value(series: NDArray[np.float64], first: NDArray[np.int64], horizon: int) -> NDArray[np.float64]:
    """The last known value at every step ahead, `(N, H, D)`."""
    return seasonal_naive(series, first, horizon, 1)


def seasonal_naive(
    series: NDArray[np.float64], first: NDArray[np.int64], horizon: int, season: int
) -> NDArray[np.float64]:
    """The last known value of the same step of a season, `(N, H, D)`.

    Args:
        series: `(T, D)`.
        first: The step of each window's first target, `(N,)`, from `season` on.
        horizon: Steps ahead H.
        season: Steps of a season, at least 1.

    >>> import numpy as np
    >>> seasonal_naive(np.arange(6.0)[:, None], np.array([4]), horizon=3, season=2)[0, :, 0].tolist()
    [2.0, 3.0, 2.0]
    """
    import numpy as np

    ahead = np.arange(horizon)
    taken: NDArray[np.float64] = series[np.asarray(first)[:, None] - season + ahead % season]
    return taken


def ridge_on_lags(
    series: NDArray[np.float64], training: int, first: NDArray[np.int64], window: int, horizon: int
) -> NDArray[np.float64]:
    """A ridge regression from the window, all dimensions, to all steps ahead at once, `(N, H, D)`.

    Numbers are standardised by the training part; the penalty is chosen as `fitted_ridge` does.

    Args:
        series: `(T, D)`.
        training: How many steps, from the start, are for training: at least W + H.
        first: The step of each window's first target, `(N,)`, from `window` on.
        window: Steps of the window W.
        horizon: Steps ahead H.
    """
    import numpy as np

    known = series[:training]
    mean, deviation = known.mean(axis=0), known.std(axis=0)
    deviation = np.where(np.ptp(known, axis=0) > 0, deviation, 1.0)
    scaled = (series - mean) / deviation
    starts = np.arange(window, training - horizon + 1)
    inputs, targets = _steps(scaled, starts, -window, 0), _steps(scaled, starts, 0, horizon)
    weights, constant = fitted_ridge(inputs, targets, horizon)
    if not len(first):
        return np.empty((0, horizon, series.shape[1]))
    ahead = (_steps(scaled, np.asarray(first), -window, 0) @ weights + constant).reshape(len(first), horizon, -1)
    forecast: NDArray[np.float64] = ahead * deviation + mean
    return forecast


def fitted_ridge(
    inputs: NDArray[np.float64], targets: NDArray[np.float64], horizon: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights `(F, K)` and constants `(K,)` of a ridge regression on neighbouring windows.

    The penalty is the one of seven that is best in five later parts of the windows, each predicted from what lies
    before it; with fewer than 50 windows it is 1.

    Args:
        inputs: `(N, F)`, in the order of time.
        targets: `(N, K)`.
        horizon: Steps ahead H that the targets of a window reach, and neighbours share.
    """
    from sklearn.linear_model import Ridge

    model = Ridge(_penalty(inputs, targets, horizon)).fit(inputs, targets)
    return model.coef_.reshape(targets.shape[1], -1).T, model.intercept_.reshape(-1)


def _steps(series: NDArray[np.float64], starts: NDArray[np.int64], low: int, high: int) -> NDArray[np.float64]:
    """The steps from `low` to `high` around each start, side by side: `(N, (high - low) * D)`."""
    import numpy as np

    taken: NDArray[np.float64] = series[starts[:, None] + np.arange(low, high)].reshape(len(starts), -1)
    return taken


def _penalty(inputs: NDArray[np.float64], targets: NDArray[np.float64], horizon: int) -> float:
    import numpy as np
    from sklearn.model_selection import TimeSeriesSplit

    if len(inputs) < 10 * _FOLDS or (len(inputs) // (_FOLDS + 1)) <= horizon:
        return 1.0
    # The gap keeps targets that two neighbouring windows share out of the part that judges
    folds = list(TimeSeriesSplit(_FOLDS, gap=horizon - 1).split(inputs))
    errors = [np.mean([_error(alpha, inputs, targets, *fold) for fold in folds]) for alpha in _ALPHAS]
    return _ALPHAS[int(np.argmin(errors))]


def _error(
    alpha: float,
    inputs: NDArray[np.float64],
    targets: NDArray[np.float64],
    known: NDArray[np.int64],
    later: NDArray[np.int64],
) -> float:
    """Mean squared error on later windows of a model of the known ones."""
    from sklearn.linear_model import Ridge

    forecast = Ridge(alpha).fit(inputs[known], targets[known]).predict(inputs[later])
    forecast = forecast.reshape(len(later), -1)  # of a single target scikit-learn gives (N,)
    return float(((forecast - targets[later]) ** 2).mean())
