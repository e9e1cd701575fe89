"""Sequences of unequal length as one flat array: no Python list of Python ints anywhere."""

# N sequences, S their total length

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Ragged"]


@dataclass(frozen=True)
class Ragged:
    """`N` integer sequences, end to end.

    Attributes:
        flat: All ids, `(S,)` int32.
        offsets: `(N + 1,)` int64; sequence `i` is `flat[offsets[i]:offsets[i + 1]]`.

    >>> ragged = Ragged.from_lists([[5, 6], [], [7]])
    >>> ragged.lengths.tolist(), ragged[0].tolist(), len(ragged)
    ([2, 0, 1], [5, 6], 3)
    """

    flat: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @classmethod
    def from_lists(cls, rows: Iterable[Sequence[int] | NDArray[np.int32]]) -> Ragged:
        """Build from sequences of ids, one array a row; convenient for small inputs."""
        import numpy as np

        arrays = [np.asarray(row, dtype=np.int32) for row in rows]
        offsets = np.zeros(len(arrays) + 1, dtype=np.int64)
        np.cumsum([len(a) for a in arrays], out=offsets[1:])
        flat = np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int32)
        return cls(flat.astype(np.int32, copy=False), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> NDArray[np.int32]:
        index = range(len(self))[index]
        return self.flat[self.offsets[index] : self.offsets[index + 1]]

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Length of each sequence, `(N,)`."""
        lengths: NDArray[np.int64] = self.offsets[1:] - self.offsets[:-1]
        return lengths

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        """The sequences at `rows`, in that order."""
        return Ragged.from_lists(self[int(i)] for i in rows)

    def padded(self, rows: NDArray[np.int64], length: int) -> NDArray[np.int32]:
        """The sequences at `rows`, right-padded with 0 to `(len(rows), length)`; a longer one is an error."""
        import numpy as np

        lengths = self.lengths[rows]
        if lengths.size and int(lengths.max()) > length:
            raise ValueError(f"length must be at least {int(lengths.max())}, got {length}")
        out = np.zeros((len(rows), length), dtype=np.int32)
        columns = np.arange(length)
        valid = columns < lengths[:, None]
        out[valid] = self.flat[(self.offsets[rows][:, None] + columns)[valid]]
        return out
