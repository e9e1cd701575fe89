"""Ids as they come, some texts at a time, put together in memory or on disk."""

# N sequences, S their total length

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq.ragged import Ragged
from kerasseq.scratch import Scratch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Ids"]


class Ids:
    """Takes sequences and gives one `Ragged` of all.

    Args:
        on_disk: Write the ids to a scratch file and map it; the file is gone with the last use of the map.

    Raises:
        RunError: There is no room on disk.

    >>> ids = Ids(on_disk=True)
    >>> ids.add(Ragged.from_lists([[5, 6], []]))
    >>> ids.add(Ragged.from_lists([[7]]))
    >>> ragged = ids.ragged()
    >>> type(ragged.flat).__name__, [row.tolist() for row in ragged]
    ('memmap', [[5, 6], [], [7]])
    """

    def __init__(self, on_disk: bool = False) -> None:
        self._scratch = Scratch() if on_disk else None
        self._flat: list[NDArray[np.int32]] = []
        self._lengths: list[NDArray[np.int64]] = []

    def add(self, more: Ragged) -> None:
        """Append sequences."""
        self._lengths.append(more.lengths)
        if self._scratch is None:
            self._flat.append(more.flat)
        else:
            with self._scratch.writing() as file:
                file.write(more.flat.data)

    def ragged(self) -> Ragged:
        """All sequences, in their order: `flat` is a read-only memory map if they are on disk and hold an id."""
        import numpy as np

        offsets = np.zeros(sum(map(len, self._lengths)) + 1, dtype=np.int64)
        np.concatenate([offsets[:1], *self._lengths], out=offsets)
        np.cumsum(offsets, out=offsets)
        if self._scratch is not None and offsets[-1]:
            with self._scratch.file as file:
                return Ragged(np.memmap(file, dtype=np.int32, mode="r", shape=(int(offsets[-1]),)), offsets)
        flat = self._flat[0] if len(self._flat) == 1 else np.concatenate([np.zeros(0, dtype=np.int32), *self._flat])
        return Ragged(flat, offsets)
