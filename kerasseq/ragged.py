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
        flat: All ids, `(S,)` int32; in memory, or a memory map.
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
        """The sequences at `rows`, in that order, in memory."""
        import numpy as np

        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(self.lengths[rows], out=offsets[1:])
        places = np.repeat(self.offsets[:-1][rows] - offsets[:-1], np.diff(offsets)) + np.arange(offsets[-1])
        return Ragged(self._plain[places], offsets)

    def padded(self, rows: NDArray[np.int64], length: int, fill: int = 0) -> NDArray[np.int32]:
        """The sequences at `rows`, right-padded with 0, and `fill` rows of 0: `(len(rows) + fill, length)`.

        Raises:
            ValueError: A sequence is longer than `length`.
        """
        import numpy as np

        lengths = self.lengths[rows]
        if lengths.size and int(lengths.max()) > length:
            raise ValueError(f"length must be at least {int(lengths.max())}, got {length}")
        out = np.zeros((len(rows) + fill, length), dtype=np.int32)
        if len(rows) and len(self._plain):
            columns = np.arange(length)
            places = self.offsets[rows][:, None] + columns  # beyond its end: ids of other sequences, made 0 below
            taken = out[: len(rows)]
            self._plain.take(places, out=taken, mode="clip")
            np.multiply(taken, columns < lengths[:, None], out=taken)
        return out

    @cached_property
    def _plain(self) -> NDArray[np.int32]:
        """`flat` without the class of a memory map, whose indexing is slow."""
        import numpy as np

        return self.flat.view(np.ndarray)
