"""How many steps a season has, found from how a series resembles itself."""

# T steps, D dimensions, S lags

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["autocorrelation", "find_season"]

_CYCLES = 3  # whole seasons that must lie in the training part before one is believed
_ALIKE = 0.8  # of the highest peak, which the first peak must reach
_LEAST = 0.3  # correlation with one season before, of the series without its trend


def find_season(training: NDArray[np.float64]) -> int:
    """Steps of a season of a series, 1 where there is none.

    The trend, a straight line, is taken away. A season is the lag at which the series resembles itself most, beyond
    the first lag at which it does not: what lies before that is the inertia of the series, no season.

    Args:
        training: The steps of training, `(T, D)`; the correlations of several dimensions are averaged.

    >>> import numpy as np
    >>> find_season(np.sin(np.arange(60) * 2 * np.pi / 12)[:, None] + 0.1 * np.arange(60)[:, None])
    12
    >>> find_season(np.arange(60.0)[:, None])
    1
    """
    import numpy as np

    training = np.asarray(training, dtype=np.float64)
    steps = len(training)
    if steps < 2 * _CYCLES:
        return 1
    correlation = autocorrelation(_without_trend(training), steps // _CYCLES).mean(axis=1)  # (S + 1,)
    below = np.flatnonzero(correlation < 0)
    if not len(below):
        return 1
    start = int(below[0])
    # The peak of a long season is wide and noisy: its neighbours say with it where its middle is
    width = 2 * (start // 8) + 1
    whole = correlation * steps / (steps - np.arange(len(correlation)))  # fewer products stand behind a longer lag
    smooth = np.convolve(whole, np.ones(width) / width, mode="same")[start : len(whole) - width // 2]
    # Twice a season is a season too: the first peak that is about as high as the highest
    high = np.flatnonzero(smooth >= _ALIKE * smooth.max(initial=_LEAST))
    if not len(high):
        return 1
    end = int(high[0])
    while end + 1 < len(smooth) and smooth[end + 1] >= _ALIKE * smooth.max():
        end += 1
    lag = start + int(high[0]) + int(smooth[high[0] : end + 1].argmax())
    return lag if lag > 1 and correlation[lag] >= 2 / np.sqrt(steps) else 1


def autocorrelation(series: NDArray[np.float64], lags: int) -> NDArray[np.float64]:
    """Correlation of a series with itself `0..lags` steps before, `(lags + 1, D)`; 0 for a constant dimension.

    Args:
        series: `(T, D)`.
        lags: Largest lag, below T.
    """
    import numpy as np

    steps = len(series)
    centred = series - series.mean(axis=0)
    size = 1 << (2 * steps - 1).bit_length()  # zeros behind the end keep it from being circular
    power = np.abs(np.fft.rfft(centred, size, axis=0)) ** 2
    covariance = np.fft.irfft(power, size, axis=0)[: lags + 1] / steps
    variance = np.where(np.ptp(series, axis=0) > 0, covariance[0], np.inf)
    correlation: NDArray[np.float64] = covariance / variance
    return correlation


def _without_trend(series: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    time = np.arange(len(series)) - (len(series) - 1) / 2
    slope = time @ (series - series.mean(axis=0)) / (time @ time)  # (D,)
    rest = series - series.mean(axis=0) - time[:, None] * slope
    # What rounding leaves of a straight line is no series
    size = np.abs(series).max(axis=0)
    return np.where(np.abs(rest).max(axis=0) > 1e-9 * size, rest, 0.0)
