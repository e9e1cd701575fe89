"""Targets as numbers, where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["numbers"]


def numbers(targets: pa.ChunkedArray[Any]) -> NDArray[np.float64]:
    """A target column as float64, `(N,)`: NaN where a value is missing, no number, or not finite.

    Args:
        targets: Strings or numbers; Arabic digits and their decimal separator are read too.
    """
    import numpy as np

    values = np.array([_number(value) for value in targets.to_pylist()], dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _number(value: Any) -> float:
    if isinstance(value, bool) or value is None:
        return float("nan")
    try:
        return float(str(value).strip().replace("\u066b", "."))
    except ValueError:
        return float("nan")
