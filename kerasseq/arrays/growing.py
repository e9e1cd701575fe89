"""Sequences as they come, some rows at a time, put together in memory or on disk."""

# N sequences, S their total length

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.arrays.ragged import Ragged
from kerasseq.arrays.scratch import Scratch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["GrowingRagged"]


class GrowingRagged:
    """Takes sequences and gives one `Ragged` of all.

    Args:
        on_disk: Write the steps to a scratch file and map it; the file is gone with the last use of the map.
        dtype: Of the numbers.
        shape: Of one step; `()` for ids.

    Raises:
        RunError: There is no room on disk.

    >>> ids = GrowingRagged(on_disk=True)
    >>> ids.add(Ragged.from_lists([[5, 6], []]))
    >>> ids.add(Ragged.from_lists([[7]]))
    >>> ragged = ids.ragged()
    >>> type(ragged.flat).__name__, [row.tolist() for row in ragged]
    ('memmap', [[5, 6], [], [7]])
    """

    def __init__(self, on_disk: bool = False, dtype: str = "int32", shape: tuple[int, ...] = ()) -> None:
        self._scratch = Scratch() if on_disk else None
        self._dtype = dtype
        self._shape = shape
        self._flat: list[NDArray[Any]] = []
        self._lengths: list[NDArray[np.int64]] = []

    def add(self, more: Ragged) -> None:
        """Append sequences of the same type and shape."""
        self._lengths.append(more.lengths)
        if self._scratch is None:
            self._flat.append(more.flat)
        else:
            with self._scratch.writing() as file:
                file.write(more.flat.data)

    def ragged(self) -> Ragged:
        """All sequences, in their order: `flat` is a read-only memory map if they are on disk and hold a step."""
        import numpy as np

        offsets = np.zeros(sum(map(len, self._lengths)) + 1, dtype=np.int64)
        np.concatenate([offsets[:1], *self._lengths], out=offsets)
        np.cumsum(offsets, out=offsets)
        if self._scratch is not None and offsets[-1]:
            with self._scratch.file as file:
                whole = (int(offsets[-1]), *self._shape)
                return Ragged(np.memmap(file, dtype=self._dtype, mode="r", shape=whole), offsets)
        none = np.zeros((0, *self._shape), dtype=self._dtype)
        flat = self._flat[0] if len(self._flat) == 1 else np.concatenate([none, *self._flat])
        return Ragged(flat, offsets)
