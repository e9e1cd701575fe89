"""Sequences of vectors between Arrow and NumPy: a column of lists of lists, and one flat array with offsets."""

# N sequences, S steps of all of them, D numbers of a vector

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["from_column", "to_column"]

_MOST = 1 << 30  # numbers of a chunk: Arrow counts them in 32 bits


def to_column(flat: NDArray[np.float32], offsets: NDArray[np.int64]) -> pa.ChunkedArray[Any]:
    """Sequences as a column of `list<list<float>>`; the numbers are not copied.

    Args:
        flat: All vectors, `(S, D)` float32.
        offsets: `(N + 1,)`, from 0 to S; sequence `i` is `flat[offsets[i]:offsets[i + 1]]`.

    >>> import numpy as np
    >>> to_column(np.ones((3, 2), np.float32), np.array([0, 1, 3])).to_pylist()
    [[[1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]]
    """
    import numpy as np
    import pyarrow as pa

    kind = pa.list_(pa.list_(pa.float32()))
    width = flat.shape[1]
    chunks = []
    for low, high in _chunks(offsets, max(1, _MOST // max(width, 1))):
        start, end = int(offsets[low]), int(offsets[high])
        values = pa.array(np.ascontiguousarray(flat[start:end]).reshape(-1), pa.float32())
        steps = np.arange(0, (end - start) * width + 1, width, dtype=np.int32) if width else np.zeros(end - start + 1)
        vectors = pa.ListArray.from_arrays(pa.array(steps, pa.int32()), values)
        rows = pa.array((offsets[low : high + 1] - start).astype(np.int32))
        chunks.append(pa.ListArray.from_arrays(rows, vectors).cast(kind))
    return pa.chunked_array(chunks, kind)


def _chunks(offsets: NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Rows from and to, of at most `most` steps together; a longer sequence stands alone."""
    import numpy as np

    low, rows = 0, len(offsets) - 1
    while low < rows:
        high = int(np.searchsorted(offsets, offsets[low] + most, side="right")) - 1
        high = min(max(high, low + 1), rows)
        yield low, high
        low = high


def from_column(column: pa.ChunkedArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The sequences of a column that `DatasetSpec.build` gives: all vectors of one width, no null.

    Returns:
        All vectors, `(S, D)` float32, and `(N + 1,)` offsets.

    >>> import pyarrow as pa
    >>> flat, offsets = from_column(pa.chunked_array([[[[1.0, 2.0]]], [[[3.0, 4.0], [5.0, 6.0]]]]))
    >>> flat.tolist(), offsets.tolist()
    ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [0, 1, 3])
    """
    import numpy as np
    import pyarrow.compute as pc

    lengths, values, steps = [np.zeros(1, np.int64)], [np.zeros(0, np.float32)], 0
    for chunk in column.chunks:
        vectors = chunk.flatten()
        lengths.append(pc.list_value_length(chunk).to_numpy(zero_copy_only=False).astype(np.int64))
        values.append(vectors.flatten().to_numpy(zero_copy_only=False).astype(np.float32))
        steps += len(vectors)
    flat = np.concatenate(values)
    return flat.reshape(steps, len(flat) // max(steps, 1)), np.cumsum(np.concatenate(lengths))
