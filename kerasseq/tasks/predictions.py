"""Answers to rows, in the form that every exported file gives them in."""

# N rows

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["MARGIN", "Predictions", "largest_apart"]

MARGIN = 1e-4
"""What is chosen (a label, a tag) must be the same where the two likeliest are further apart."""


class Predictions(ABC):
    """Answers for `N` rows, in the unit of the data.

    Attributes:
        units: What the numbers of an array are measured by, where that is not 1.
    """

    units: Mapping[str, float] = {}

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def take(self, rows: Any) -> Self:
        """Those at `rows`, a slice or an array of row numbers."""

    @abstractmethod
    def arrays(self) -> dict[str, Any]:
        """By the name of the exported file's output: an array `(N, ...)`, or one array a row where steps differ.

        Strings and whole numbers are choices, and compared as such; other numbers are compared by their difference.
        """

    def sure(self) -> NDArray[np.bool_]:
        """Whether a row's choices are no near tie, `(N,)`."""
        return np.ones(len(self), dtype=bool)

    def apart(self, got: Mapping[str, Any]) -> NDArray[np.float64]:
        """How far other answers lie from these, `(N,)`, in units; infinite where they have another form.

        Args:
            got: Arrays of the same rows; what these do not have is not compared.
        """
        apart = np.zeros(len(self))
        for name, wanted in self.arrays().items():
            if name in got and not is_choice(wanted):
                apart = np.maximum(apart, largest_apart(wanted, got[name], self.units.get(name, 1.0)))
        return apart

    def differ(self, got: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Whether another choice was made where these are sure, `(N,)`."""
        other = np.zeros(len(self), dtype=bool)
        for name, wanted in self.arrays().items():
            if name in got and is_choice(wanted):
                other |= np.array(
                    [not np.array_equal(a, b) for a, b in zip(wanted, got[name], strict=True)], dtype=bool
                )
        return other & self.sure()

    def shown(self, row: int) -> str:
        """One answer as a person reads it in a message."""
        return ", ".join(f"{name} {_short(values[row])}" for name, values in self.arrays().items())


def is_choice(values: Sequence[Any]) -> bool:
    """Whether an array, or the arrays of all rows, hold strings or whole numbers."""
    if isinstance(values, np.ndarray):
        return values.dtype.kind in "OUSiu"
    # An array that NumPy made of an empty list is of floats, whatever stands in the others
    shown = next((row for row in values if len(row)), values[0] if len(values) else 0.0)
    return np.asarray(shown).dtype.kind in "OUSiu"


def largest_apart(wanted: Any, got: Any, unit: float) -> NDArray[np.float64]:
    """Of each row the largest difference of a number, `(N,)`."""
    if len(wanted) != len(got):
        return np.full(len(wanted), np.inf)
    if isinstance(wanted, np.ndarray) and isinstance(got, np.ndarray):
        if wanted.shape != got.shape:
            return np.full(len(wanted), np.inf)
        numbers = np.abs(np.asarray(got, np.float64) - wanted)
        largest = numbers.max(axis=tuple(range(1, numbers.ndim)), initial=0.0)  # (N,)
        apart: NDArray[np.float64] = np.nan_to_num(largest / unit, nan=np.inf)
        return apart
    return np.array([_row_apart(a, b, unit) for a, b in zip(wanted, got, strict=True)], dtype=np.float64)


def _row_apart(wanted: Any, got: Any, unit: float) -> float:
    if np.shape(wanted) != np.shape(got):
        return np.inf
    return float(np.nan_to_num(np.abs(np.asarray(got, np.float64) - wanted).max(initial=0.0) / unit, nan=np.inf))


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        shown = " ".join(_short(inner) for inner in value.ravel()[:8])
        return f"[{shown}{' ...' if value.size > 8 else ''}]"
    return str(value) if isinstance(value, str) else f"{float(value):.6g}"
