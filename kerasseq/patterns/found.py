"""Which sets of characters the texts of a batch touch."""

# N texts, S their total length and N

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MOST", "Found"]

MOST = 63
"""Most sets that a number of 64 bits has a bit for."""

_NEAR = 0x3000  # below it a table has a place for each code point, beyond it for the pages that hold one
_PAGE = 8  # bits of a code point's place in its page
_PAGES = 0x110000 >> _PAGE


class Found:
    """A bit for each set, by a table of all code points.

    Args:
        bits: A character to the bits of the sets that hold it, each below `1 << MOST`.
        others: Those of every other character.

    >>> Found({"a": 1, "b": 3})(["xa", "", "abb"])
    [1, 0, 3]
    """

    def __init__(self, bits: Mapping[str, int], others: int = 0) -> None:
        self._bits = dict(bits)
        self._others = others
        self._tables: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]] | None = None

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """The bits of each text's characters, all in one number."""
        import numpy as np

        if not texts:
            return []
        near, pages, places = self._made()
        joined = "\n".join(texts).encode("utf-32-le", "surrogatepass")
        points = np.frombuffer(joined, dtype="<u4")  # (S - 1,)
        ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1)
        bits = np.empty(len(points) + 1, dtype=np.int64)  # (S,)
        np.take(near, np.minimum(points, _NEAR), out=bits[:-1], mode="clip")
        far = np.flatnonzero(points >= _NEAR)
        bits[far] = places[pages[points[far] >> _PAGE] + (points[far] & ((1 << _PAGE) - 1))]
        bits[ends - 1] = 0  # what stands between two texts
        found: list[int] = np.bitwise_or.reduceat(bits, np.concatenate([ends[:1] * 0, ends[:-1]])).tolist()
        return found

    def _made(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The bits of near characters, where the page of each 256 begins, 0 where all are alike, and the pages."""
        import numpy as np

        if self._tables is None:
            held = sorted({ord(character) >> _PAGE for character in self._bits} | set(range(_NEAR >> _PAGE)))
            pages = np.zeros(_PAGES, dtype=np.int64)
            pages[held] = np.arange(1, len(held) + 1) << _PAGE
            places = np.full((len(held) + 1) << _PAGE, self._others, dtype=np.int64)
            points = np.fromiter(map(ord, self._bits), dtype=np.int64, count=len(self._bits))
            at = pages[points >> _PAGE] + (points & ((1 << _PAGE) - 1))
            places[at] = np.fromiter(self._bits.values(), dtype=np.int64, count=len(self._bits))
            first = 1 << _PAGE  # page 0 is of those that are alike
            self._tables = places[first : first + _NEAR + 1].copy(), pages, places
        return self._tables
