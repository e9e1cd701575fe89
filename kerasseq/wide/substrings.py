"""Every n-gram of many texts at once: of words, and of characters inside words, as numbers."""

# N texts, L code points of all texts, M n-grams of all texts

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.preprocessors.rules import Replace, Rules
from kerasseq.preprocessors.unicode import Casefold

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WORDS", "Found", "Substrings", "apart", "lowered", "parts"]

PART = 2_000_000
"""Code points that are looked at together: some hundred megabytes."""

WORDS = "[{letter}{mark}{digit}_]+|[^{letter}{mark}{digit}_{space}]"
"""Runs of letters, digits and marks are words; whatever else is visible stands alone."""

_ALONE = Replace(r"([^{letter}{mark}{digit}_{space}])", r" \1 ")
_SPACES = Replace(r"{space}+", " ")
_ENDS = Replace(r"{start} | {end}", "")

_BASE = 0x9E3779B97F4A7C15  # odd, so that it can be divided by modulo 2^64
_INVERSE = pow(_BASE, -1, 2**64)


def apart() -> Rules:
    """What is done to a text before it is cut: small letters, one space between words, none at the ends.

    >>> apart()(["Good, GOOD film!"])
    ['good , good film !']
    """
    return Rules([*lowered().rules, _ALONE, _SPACES, _ENDS])


def lowered() -> Rules:
    """What is done to a text before its `WORDS` are found, which `apart` leaves with a space between them."""
    return Casefold(name="casefold").build()


@dataclass(frozen=True)
class Found:
    """N-grams where they stand.

    Attributes:
        rows: `(M,)`, the text of each.
        keys: `(M,)` uint64, equal for equal n-grams; for others equal by a chance of about 1 in 10^19.
        starts: `(M,)`, where they begin in the code points.
        ends: `(M,)`, behind their last code point.
    """

    rows: NDArray[np.int64]
    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


class Substrings:
    """The code points of texts that were made `apart`, with a space before, between and behind the words.

    The key of a substring is a polynomial of its code points modulo 2^64 (Karp and Rabin, 1987), from sums over all
    before it, so that one of any length costs the same.

    Args:
        texts: `N` texts.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        spaced = [f" {text} " for text in texts]
        lengths = np.array([len(text) for text in spaced], dtype=np.int64)
        whole = "".join(spaced).encode("utf-32-le", "surrogatepass")
        self.points = np.frombuffer(whole, dtype=np.uint32)  # (L,)
        self._rows = np.repeat(np.arange(len(texts)), lengths)
        self._space = self.points == ord(" ")
        self._spaces = np.concatenate([[0], np.cumsum(self._space)])
        size = len(self.points)
        self._divisors = _powers(_INVERSE, size)
        sums = (_scrambled(self.points) * _powers(_BASE, size)[:size]).cumsum(dtype=np.uint64)
        self._sums = np.concatenate([np.zeros(1, dtype=np.uint64), sums])

    def words(self, most: int) -> Found:
        """Runs of 1 to `most` words, each with the spaces around it."""
        places = np.flatnonzero(self._space)
        found = []
        for words in range(1, min(most, len(places) - 1) + 1):
            starts, ends = places[:-words], places[words:] + 1
            found.append(self._found(starts, ends, (self._rows[starts] == self._rows[ends - 1]) & (ends - starts > 2)))
        return _joined(found)

    def characters(self, most: int) -> Found:
        """Runs of 2 to `most` characters of one word and the spaces around it; a whole word is left to `words`."""
        found = []
        for length in range(2, min(most, len(self.points)) + 1):
            starts = np.arange(len(self.points) - length + 1)
            ends = starts + length
            inside = self._spaces[ends - 1] == self._spaces[starts + 1]
            word = self._space[starts] & self._space[ends - 1]
            found.append(self._found(starts, ends, inside & ~word & (self._rows[starts] == self._rows[ends - 1])))
        return _joined(found)

    def spelled(self, start: int, end: int) -> str:
        """A substring."""
        return self.points[start:end].tobytes().decode("utf-32-le", "surrogatepass")

    def _found(self, starts: NDArray[np.int64], ends: NDArray[np.int64], where: NDArray[np.bool_]) -> Found:
        starts, ends = starts[where], ends[where]
        keys = (self._sums[ends] - self._sums[starts]) * self._divisors[starts]
        return Found(self._rows[starts], keys, starts, ends)


def parts(texts: Sequence[str]) -> Iterator[slice]:
    """Slices of texts that hold about `PART` code points."""
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text) + 2
        if size >= PART:
            yield slice(start, place + 1)
            start, size = place + 1, 0
    if start < len(texts):
        yield slice(start, len(texts))


def _joined(found: Sequence[Found]) -> Found:
    def whole(name: str, kind: Any) -> NDArray[Any]:
        return np.concatenate([np.zeros(0, kind), *(getattr(one, name) for one in found)]).astype(kind)

    return Found(whole("rows", np.int64), whole("keys", np.uint64), whole("starts", np.int64), whole("ends", np.int64))


def _powers(base: int, most: int) -> NDArray[np.uint64]:
    """`(most + 1,)`: the base to the power of 0, 1, 2, modulo 2^64."""
    factors = np.full(most + 1, base, dtype=np.uint64)
    factors[0] = 1
    return factors.cumprod(dtype=np.uint64)


def _scrambled(points: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """A number for each code point that looks drawn at random (the finaliser of Steele, Lea and Flood, 2014)."""
    x = points.astype(np.uint64) + np.uint64(_BASE)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    scrambled: NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return scrambled
