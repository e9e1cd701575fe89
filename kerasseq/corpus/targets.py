"""Targets as numbers, where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.datasets.numbers import as_number

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["numbers"]


def numbers(targets: pa.ChunkedArray[Any]) -> NDArray[np.float64]:
    """A target column as float64, `(N,)`: NaN where a value is missing or no number.

    Args:
        targets: Strings or numbers; see `as_number`.
    """
    import numpy as np

    return np.fromiter(map(as_number, Column(targets)), dtype=np.float64, count=len(targets))
