"""Targets as numbers, where they are."""

# N rows, K classes

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.arrays.numbers import as_number

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["FAR", "certainty", "distributions", "far", "likeliest", "numbers"]

FAR = 1000.0
"""How many times the width of the middle half a number may lie from the median; far beyond what a long tail holds."""


def certainty(deviations: NDArray[np.float64]) -> NDArray[np.float32]:
    """What each number counts, `(N,)`, by how far it may be off: `1 / (d^2 + m)`, with mean 1.

    The inverse of its variance (Aitken, 1936), to which is added, as DerSimonian and Laird (1986) add the variance
    between studies, what the model itself is off: as much as the numbers are, `m`, the mean of `d^2`. So a number that
    is certain counts twice as much as one of mean variance, and no more.

    >>> import numpy as np
    >>> certainty(np.array([0.0, 1.0])).round(3).tolist()
    [1.5, 0.5]
    """
    import numpy as np

    squares = np.square(np.asarray(deviations, dtype=np.float64))
    mean = squares.mean() if len(squares) else 0.0
    if not mean:
        return np.ones(len(squares), dtype=np.float32)
    weights = 1 / (squares + mean)
    return np.asarray(weights / weights.mean(), dtype=np.float32)


def distributions(column: pa.ChunkedArray[Any], labels: Sequence[str]) -> NDArray[np.float32]:
    """A column `distribution` in the order of the K labels, `(N, K)`; a label that it does not name has 0.

    >>> import pyarrow as pa
    >>> distributions(pa.chunked_array([[{"no": 0.25, "yes": 0.75}]]), ["yes", "no", "perhaps"]).tolist()
    [[0.75, 0.25, 0.0]]
    """
    import numpy as np
    import pyarrow.compute as pc

    shares = np.zeros((len(column), len(labels)), dtype=np.float32)
    for place, part in enumerate(column.type):
        shares[:, labels.index(part.name)] = pc.struct_field(column, [place]).to_numpy()
    return shares


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


def far(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of numbers that lie further from the median than `FAR` times the width of the middle half, `(K,)`.

    One of them sets mean and deviation, beside which all others are one number. None where half of them are equal.

    >>> import numpy as np
    >>> far(np.array([1.0, 2.0, 3.0, 4.0, 1e6])).tolist()
    [4]
    """
    import numpy as np

    known = values[np.isfinite(values)]
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75]) if len(known) else (0.0, 0.0, 0.0)
    return np.flatnonzero(np.abs(values - middle) > FAR * (high - low)) if high > low else np.empty(0, dtype=np.int64)
