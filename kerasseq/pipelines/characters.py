"""The characters of tokens as ids: what a model sees of a word that it does not know."""

# S tokens, C characters of a token

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Characters"]

RARE = 2
"""Characters seen less often in training are unknown."""

UNKNOWN = 1


class Characters:
    """Ids of characters: 0 is padding, 1 any other one.

    Args:
        alphabet: Those that are known, by id from 2.
        width: Characters C that are kept of a token, its first ones.

    >>> characters = Characters.learned(["aab", "ba"], width=3)
    >>> characters.encode(["abz", ""]).tolist()
    [[2, 3, 1], [0, 0, 0]]
    """

    def __init__(self, alphabet: Sequence[str], width: int) -> None:
        self.alphabet = tuple(alphabet)
        self.width = width
        self._ids = {character: number for number, character in enumerate(self.alphabet, start=2)}
        self._known: dict[str, Any] = {}

    @classmethod
    def learned(cls, tokens: Iterable[str], width: int) -> Characters:
        """From the training tokens: by falling frequency, then by code point."""
        counts: Counter[str] = Counter()
        for token, times in Counter(tokens).items():
            for character in token:
                counts[character] += times
        frequent = (character for character, times in counts.items() if times >= RARE)
        return cls(sorted(frequent, key=lambda character: (-counts[character], character)), width)

    @property
    def size(self) -> int:
        """Ids, padding and unknown included."""
        return len(self.alphabet) + 2

    def encode(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        """`(S, C)` int32, 0 behind the end of a token."""
        import numpy as np

        found = np.zeros((len(tokens), self.width), dtype=np.int32)
        for place, token in enumerate(tokens):
            row = self._known.get(token)
            if row is None:
                row = self._known[token] = [self._ids.get(c, UNKNOWN) for c in token[: self.width]]
            found[place, : len(row)] = row
        return found
