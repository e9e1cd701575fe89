"""The area under the ROC curve of many resamples at once, without sorting any of them."""

# N rows, K classes, B resamples of one chunk, G groups of equal scores

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["roc_area"]


def roc_area(
    truth: NDArray[np.int64], probabilities: NDArray[np.float64], chosen: int
) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """Prepare the area for draws of these rows.

    Args:
        truth: True classes, `(N,)` integers in [0, K).
        probabilities: `(N, K)`.
        chosen: The positive one of two classes; with more, the mean over the classes in the truth is taken.

    Returns:
        A function of row numbers `(B, N)` to areas `(B,)`, NaN where no class has rows on both sides.
    """
    import numpy as np

    classes = probabilities.shape[1]
    # chosen alone when there are two; a class without a row is left out
    wanted = [chosen] if classes == 2 else [k for k in range(classes) if (truth == k).any()]
    curves = [_curve_area(truth == k, probabilities[:, k]) for k in wanted]

    def measure(index: NDArray[np.int64]) -> NDArray[np.float64]:
        areas = np.stack([curve(index) for curve in curves])  # (K, B)
        defined = np.isfinite(areas)
        total, number = np.where(defined, areas, 0).sum(axis=0), defined.sum(axis=0)
        return np.where(number > 0, total / np.maximum(number, 1), np.nan)

    return measure


def _curve_area(
    is_class: NDArray[np.bool_], score: NDArray[np.float64]
) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """Share of pairs (row of the class, row of the rest) in the right order, ties half: Mann and Whitney, 1947."""
    import numpy as np

    levels, group = np.unique(score, return_inverse=True)
    keys = 2 * group + is_class  # which of the G scores, and which side

    def measure(index: NDArray[np.int64]) -> NDArray[np.float64]:
        draws, width = len(index), 2 * len(levels)
        flat = (keys[index] + width * np.arange(draws)[:, None]).ravel()
        counts = np.bincount(flat, minlength=draws * width).reshape(draws, len(levels), 2)  # (B, G, 2)
        rest, own = counts[..., 0], counts[..., 1]
        below = np.cumsum(rest, axis=1) - rest / 2
        pairs = rest.sum(axis=1) * own.sum(axis=1)
        return np.where(pairs > 0, (own * below).sum(axis=1) / np.maximum(pairs, 1), np.nan)

    return measure
