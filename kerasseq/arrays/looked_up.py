"""Sequences of rows of a small table: what many steps share is held once."""

# N sequences, S their total length, U rows of the table, W numbers of a row, K numbers of a step

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.ragged import Ragged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LookedUp"]


@dataclass(frozen=True)
class LookedUp(Ragged):
    """`N` sequences of steps `(K,)`, each a row of a table.

    Attributes:
        flat: The place of each step in the table, `(S,)` int32.
        offsets: See `Ragged`.
        table: `(U, W)` with W <= K; row 0, which padding is, is zero.
        width: K; what a row lacks is 0.

    >>> import numpy as np
    >>> steps = LookedUp(np.array([1, 1], "int32"), np.array([0, 2]), np.array([[0, 0], [7, 8]], "int32"), 3)
    >>> steps[0].tolist(), steps.padded(np.array([0]), 3).tolist()
    ([[7, 8, 0], [7, 8, 0]], [[[7, 8, 0], [7, 8, 0], [0, 0, 0]]])
    """

    table: NDArray[Any]
    width: int

    def __getitem__(self, index: int) -> NDArray[Any]:
        return self._rows(super().__getitem__(index))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one step."""
        return (self.width,)

    def take(self, rows: NDArray[np.int64]) -> LookedUp:
        """The sequences at `rows`, in that order, in memory."""
        taken = self._places.take(rows)
        return LookedUp(taken.flat, taken.offsets, self.table, self.width)

    def padded(self, rows: NDArray[np.int64], length: int, fill: int = 0, value: int = 0) -> NDArray[Any]:
        """See `Ragged`; padding is 0."""
        return self._rows(self._places.padded(rows, length, fill))

    @property
    def _places(self) -> Ragged:
        return Ragged(self.flat, self.offsets)

    def _rows(self, places: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        found = np.zeros((*places.shape, self.width), dtype=self.table.dtype)
        found[..., : self.table.shape[1]] = self.table[places]
        return found
