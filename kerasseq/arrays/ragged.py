"""Sequences of unequal length as one flat array: no Python list of Python numbers anywhere."""

# N sequences, S their total length, T time

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Ragged"]


@dataclass(frozen=True)
class Ragged:
    """`N` sequences, end to end.

    Attributes:
        flat: All steps, `(S, ...)`: ids are `(S,)` int32, vectors `(S, D)` float32; in memory, or a memory map.
        offsets: `(N + 1,)` int64; sequence `i` is `flat[offsets[i]:offsets[i + 1]]`.

    >>> ragged = Ragged.from_lists([[5, 6], [], [7]])
    >>> ragged.lengths.tolist(), ragged[0].tolist(), len(ragged)
    ([2, 0, 1], [5, 6], 3)
    """

    flat: NDArray[Any]
    offsets: NDArray[np.int64]

    @classmethod
    def from_lists(
        cls, rows: Iterable[Sequence[Any] | NDArray[Any]], dtype: Any = "int32", shape: tuple[int, ...] = ()
    ) -> Ragged:
        """Build from sequences, one array a row; convenient for small inputs.

        Args:
            rows: Each of `(T, *shape)`.
            dtype: Of the numbers.
            shape: Of one step.
        """
        import numpy as np

        arrays = [np.asarray(row, dtype=dtype).reshape(-1, *shape) for row in rows]
        offsets = np.zeros(len(arrays) + 1, dtype=np.int64)
        np.cumsum([len(a) for a in arrays], out=offsets[1:])
        flat = np.concatenate(arrays) if arrays else np.zeros((0, *shape), dtype=dtype)
        return cls(flat, offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> NDArray[Any]:
        index = range(len(self))[index]
        return self.flat[self.offsets[index] : self.offsets[index + 1]]

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Length of each sequence, `(N,)`."""
        lengths: NDArray[np.int64] = self.offsets[1:] - self.offsets[:-1]
        return lengths

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one step."""
        return self.flat.shape[1:]

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        """The sequences at `rows`, in that order, in memory."""
        import numpy as np

        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(self.lengths[rows], out=offsets[1:])
        places = np.repeat(self.offsets[:-1][rows] - offsets[:-1], np.diff(offsets)) + np.arange(offsets[-1])
        return Ragged(self._plain[places], offsets)

    def padded(self, rows: NDArray[np.int64], length: int, fill: int = 0, value: int = 0) -> NDArray[Any]:
        """The sequences at `rows`, right-padded, and `fill` rows of padding: `(len(rows) + fill, length, ...)`.

        Args:
            rows: Which, in order.
            length: Steps of every row.
            fill: Rows of padding behind them.
            value: What padding holds.

        Raises:
            ValueError: A sequence is longer than `length`.
        """
        import numpy as np

        lengths = self.lengths[rows]
        if lengths.size and int(lengths.max()) > length:
            raise ValueError(f"length must be at least {int(lengths.max())}, got {length}")
        out = np.full((len(rows) + fill, length, *self.shape), value, dtype=self.flat.dtype)
        if len(rows) and len(self._plain):
            columns = np.arange(length)
            places = self.offsets[rows][:, None] + columns  # beyond its end: steps of other sequences, undone below
            taken, valid = out[: len(rows)], columns < lengths[:, None]
            self._plain.take(places, axis=0, out=taken, mode="clip")
            if value or self.flat.dtype.kind == "f":
                taken[~valid] = value
            else:
                np.multiply(taken, valid.reshape(*valid.shape, *(1 for _ in self.shape)), out=taken)
        return out

    @cached_property
    def _plain(self) -> NDArray[Any]:
        """`flat` without the class of a memory map, whose indexing is slow."""
        import numpy as np

        return self.flat.view(np.ndarray)
