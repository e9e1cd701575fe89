"""Targets as numbers, where they are."""

# N rows, K classes

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.datasets.numbers import as_number

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["likeliest", "numbers"]


def likeliest(truth: NDArray[Any]) -> NDArray[Any]:
    """The class of each row, `(N,)`: of classes themselves, `(N,)`, or of distributions over them, `(N, K)`.

    >>> import numpy as np
    >>> likeliest(np.array([[0.9, 0.1], [0.2, 0.8]])).tolist(), likeliest(np.array([1, 0])).tolist()
    ([0, 1], [1, 0])
    """
    return truth.argmax(axis=1) if truth.ndim == 2 else truth


def numbers(targets: pa.ChunkedArray[Any]) -> NDArray[np.float64]:
    """A target column as float64, `(N,)`: NaN where a value is missing or no number.

    Args:
        targets: Strings or numbers; see `as_number`.
    """
    import numpy as np

    return np.fromiter(map(as_number, Column(targets)), dtype=np.float64, count=len(targets))
