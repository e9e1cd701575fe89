"""Two arrays that must be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.testing.faults import CheckFailed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TOLERANCE", "same"]

TOLERANCE = 1e-5
"""Largest difference, by the size of the number where that is over 1; what is no number is the same as its like."""


def same(rule: str, wanted: NDArray[Any], got: NDArray[Any], tolerance: float = TOLERANCE) -> None:
    """Compare.

    Args:
        rule: What the message begins with.
        wanted: What it should be.
        got: What it is.
        tolerance: See `TOLERANCE`.

    Raises:
        CheckFailed: With the rule, the shapes, the largest difference and where it is.
    """
    if wanted.shape != got.shape:
        raise CheckFailed(f"{rule}: shape {got.shape} must be {wanted.shape}")
    one, other = wanted.astype(np.float64), got.astype(np.float64)
    with np.errstate(invalid="ignore"):
        apart = np.abs(one - other) / np.maximum(1.0, np.abs(one))
    alike = (np.isnan(one) & np.isnan(other)) | (one == other)
    apart = np.where(alike, 0.0, np.nan_to_num(apart, nan=np.inf, posinf=np.inf))
    if apart.size and apart.max() > tolerance:
        place = tuple(int(i) for i in np.unravel_index(int(apart.argmax()), apart.shape))
        raise CheckFailed(
            f"{rule}: shape {got.shape}, largest difference {apart.max():.2g} at {list(place)}, "
            f"{other[place]:.6g} in place of {one[place]:.6g}"
        )
