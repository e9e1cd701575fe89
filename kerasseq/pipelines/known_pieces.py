"""A number for each distinct piece of texts, found for many texts at once."""

# N texts, P their pieces, S their characters, K pieces known so far

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["KnownPieces", "extended", "ranges"]

_SPACE = 0x20
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_MASK = (1 << 64) - 1


class KnownPieces:
    """The pieces between spaces of all texts so far, in a table by a hash of their code points.

    A piece that is found is compared with the one that is known, character by character, so that no two share a number.

    >>> known = KnownPieces()
    >>> numbers, counts, new = known(["a bc", "bc", "bc d a"])
    >>> [new[number] for number in numbers], counts.tolist(), sorted(new)
    (['a', 'bc', 'bc', 'bc', 'd', 'a'], [2, 1, 3], ['a', 'bc', 'd'])
    """

    def __init__(self) -> None:
        self._count = 0
        self._slots = np.full(1 << 12, -1, dtype=np.int32)
        self._hashes = np.zeros(0, dtype=np.uint64)  # (K,)
        self._starts = np.zeros(0, dtype=np.int64)  # (K,), in `_characters`
        self._lengths = np.zeros(0, dtype=np.int64)  # (K,)
        self._characters = np.zeros(0, dtype=np.uint32)
        self._used = 0
        self._powers = _powers(_BASE, 1 << 12)
        self._inverses = _powers(pow(_BASE, -1, 1 << 64), 1 << 12)
        self._alike: dict[str, int] = {}  # pieces whose hash another one has

    def __len__(self) -> int:
        return self._count

    @property
    def characters(self) -> int:
        """Those of all pieces known."""
        return self._used

    def __call__(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
        """The numbers of the pieces of all texts `(P,)`, how many each text has `(N,)`, and the pieces that are new.

        Those that are new have the next numbers, in the order that they are given in.
        """
        joined = " ".join(texts)
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")  # (S,)
        spaces = np.flatnonzero(points == _SPACE)
        starts = np.concatenate([[0], spaces + 1])  # (P,)
        lengths = np.concatenate([spaces, [len(points)]]) - starts
        hashes = self._hashed(points, starts, lengths)
        numbers = self._found(hashes)
        missing = np.flatnonzero(numbers < 0)
        new: list[str] = []
        if len(missing):
            _, first, again = np.unique(hashes[missing], return_index=True, return_inverse=True)
            at = missing[first]
            numbers[missing] = self._count + again.reshape(-1)
            ends = (starts[at] + lengths[at]).tolist()
            new = [joined[start:end] for start, end in zip(starts[at].tolist(), ends, strict=True)]
            self._add(hashes[at], lengths[at], points, starts[at])
        self._tell_apart(joined, points, starts, lengths, numbers, new)
        counts = np.fromiter((text.count(" ") + 1 for text in texts), dtype=np.int64, count=len(texts))
        return numbers, counts, new

    def _hashed(
        self, points: NDArray[np.uint32], starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> NDArray[np.uint64]:
        """The hash of each piece, `(P,)`: a polynomial of its code points, by sums that run over all texts."""
        while len(self._powers) <= len(points):
            self._powers = _powers(_BASE, 2 * len(self._powers))
            self._inverses = _powers(pow(_BASE, -1, 1 << 64), 2 * len(self._inverses))
        sums = np.zeros(len(points) + 1, dtype=np.uint64)
        np.cumsum((points + np.uint32(1)) * self._powers[: len(points)], out=sums[1:])
        raw = (sums[starts + lengths] - sums[starts]) * self._inverses[starts]
        mixed: NDArray[np.uint64] = (raw ^ (raw >> np.uint64(32))) * _MIXER
        return mixed

    def _places(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        bits = len(self._slots).bit_length() - 1
        return (hashes >> np.uint64(64 - bits)).astype(np.int64)

    def _found(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The number of the piece that has each hash, -1 where there is none, `(P,)`."""
        at, last = self._places(hashes), len(self._slots) - 1
        numbers = self._slots[at].astype(np.int64)
        other = np.flatnonzero((numbers >= 0) & (self._hashes[numbers] != hashes)) if self._count else at[:0]
        while len(other):
            at[other] = (at[other] + 1) & last
            numbers[other] = self._slots[at[other]]
            other = other[(numbers[other] >= 0) & (self._hashes[numbers[other]] != hashes[other])]
        return numbers

    def _add(
        self,
        hashes: NDArray[np.uint64],
        lengths: NDArray[np.int64],
        points: NDArray[np.uint32],
        starts: NDArray[np.int64],
    ) -> None:
        """Give pieces the next numbers; no two have one hash."""
        kept = points[ranges(starts, lengths)]
        begins = self._used + np.cumsum(lengths) - lengths
        self._hashes = extended(self._hashes, self._count, hashes)
        self._starts = extended(self._starts, self._count, begins)
        self._lengths = extended(self._lengths, self._count, lengths)
        self._characters = extended(self._characters, self._used, kept)
        first = self._count
        self._count += len(hashes)
        self._used += len(kept)
        if 2 * self._count > len(self._slots):
            self._slots = np.full(4 << self._count.bit_length(), -1, dtype=np.int32)
            first = 0
        numbers = first + np.flatnonzero(self._lengths[first : self._count] >= 0)
        at, last = self._places(self._hashes[numbers]), len(self._slots) - 1
        while len(numbers):
            free = self._slots[at] < 0
            self._slots[at[free]] = numbers[free]  # of several the last one stays
            left = self._slots[at] != numbers
            numbers, at = numbers[left], (at[left] + 1) & last

    def _tell_apart(
        self,
        joined: str,
        points: NDArray[np.uint32],
        starts: NDArray[np.int64],
        lengths: NDArray[np.int64],
        numbers: NDArray[np.int64],
        new: list[str],
    ) -> None:
        """Give pieces whose hash is that of another one numbers of their own, behind those in `new`."""
        same = self._lengths[numbers] == lengths
        read = np.where(same, lengths, 0)
        here = points[ranges(starts, read)]
        unlike = here != self._characters[ranges(self._starts[numbers], read)]
        if same.all() and not unlike.any():
            return
        same[np.repeat(np.arange(len(read)), read)[unlike]] = False
        for place in np.flatnonzero(~same).tolist():
            piece = joined[starts[place] : starts[place] + lengths[place]]
            if piece not in self._alike:
                self._alike[piece] = self._count
                new.append(piece)
                self._unreachable(len(piece))
            numbers[place] = self._alike[piece]

    def _unreachable(self, length: int) -> None:
        """A number that no hash leads to."""
        self._hashes = extended(self._hashes, self._count, np.zeros(1, dtype=np.uint64))
        self._starts = extended(self._starts, self._count, np.zeros(1, dtype=np.int64))
        self._lengths = extended(self._lengths, self._count, np.full(1, -1, dtype=np.int64))
        self._count += 1
        self._used += length


def _powers(base: int, count: int) -> NDArray[np.uint64]:
    factors = np.full(count, base & _MASK, dtype=np.uint64)
    factors[0] = 1
    powers: NDArray[np.uint64] = np.cumprod(factors)
    return powers


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """`start`, `start + 1` ... of each, one behind the other."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)


def extended(array: NDArray[Any], count: int, more: NDArray[Any]) -> NDArray[Any]:
    """The first `count` of an array and `more`, with room behind them."""
    if count + len(more) > len(array):
        array = np.concatenate([array[:count], np.zeros(count + 2 * len(more), dtype=more.dtype)])
    array[count : count + len(more)] = more
    return array
