"""Rows of vectors: speech, sensors, windows of a series."""

# N rows, S vectors of all rows, T time, D numbers of a vector

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.samples import Samples

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["VectorRows", "ragged_vectors"]

SHOWN = 6
"""Numbers of the first vector that a person sees."""


@dataclass(frozen=True, eq=False)
class VectorRows(Samples):
    """The vectors of `N` rows.

    Attributes:
        vectors: `(S, D)` float32 or float64, a sequence a row.
        steps: Of windows of a series the number of the first step that is to be said, from 1, a row each; else empty.
    """

    vectors: Ragged
    steps: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, rows: Iterable[int]) -> VectorRows:
        """Those at `rows`, in that order."""
        import numpy as np

        places = np.array(list(rows), dtype=np.int64)
        return VectorRows(self.vectors.take(places), [self.steps[i] for i in places] if len(self.steps) else ())

    def columns(self, rows: slice) -> dict[str, list[Any]]:
        """`length`, the steps of each row; of windows `step`."""
        if len(self.steps):
            return {"step": [int(step) for step in self.steps[rows]]}
        return {"length": [int(length) for length in self.vectors.lengths[rows]]}

    def shown(self, row: int) -> str:
        """`12 vectors, the first [0.1 -2 ...]`; of windows the step and the last numbers known."""
        found = self.vectors[row]
        if len(self.steps):
            return f"step {self.steps[row]}, after {_numbers(found[-SHOWN:].ravel())}"
        return f"{len(found)} vectors, the first {_numbers(found[0])}" if len(found) else "0 vectors"


def ragged_vectors(column: pa.ChunkedArray, dtype: Any = "float32") -> Ragged:
    """A column of lists of lists of numbers, all of one width, as one array."""
    import numpy as np
    import pyarrow as pa

    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    lengths = np.zeros(len(whole) + 1, dtype=np.int64)
    np.cumsum(whole.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), out=lengths[1:])
    inner = whole.flatten()
    numbers = np.asarray(inner.flatten().to_numpy(zero_copy_only=False), dtype=dtype)
    width = len(numbers) // len(inner) if len(inner) else 0
    return Ragged(numbers.reshape(-1, width), lengths)


def _numbers(values: NDArray[Any]) -> str:
    shown = " ".join(f"{value:.4g}" for value in values[:SHOWN])
    return f"[{shown}{' ...' if len(values) > SHOWN else ''}]"
