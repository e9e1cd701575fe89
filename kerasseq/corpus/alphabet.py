"""The characters of words as ids."""

# N words, C characters of a word

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Alphabet"]


class Alphabet:
    """Characters by id: 0 is padding, 1 a character that is not known.

    Args:
        characters: All known ones, in the order of their ids from 2 on.
        longest: Characters C of a word at most; of a longer one the middle is left out, for its ends say most.

    >>> Alphabet("abc", longest=4).encode(["ab", "abxc", "abcabc"]).tolist()
    [[2, 3, 0, 0], [2, 3, 1, 4], [2, 3, 3, 4]]
    """

    def __init__(self, characters: Sequence[str], longest: int = 20) -> None:
        self.characters = tuple(characters)
        self.longest = longest
        self._ids = {character: i for i, character in enumerate(self.characters, 2)}

    @classmethod
    def learned(cls, words: Iterable[str], longest: int = 20, least: int = 1) -> Alphabet:
        """The characters of words, the frequent ones first.

        Args:
            words: Every word as often as it occurs.
            longest: Characters of a word at most.
            least: How often a character must occur; the others are unknown.
        """
        counts: Counter[str] = Counter()
        for word, times in Counter(words).items():
            for character in word:
                counts[character] += times
        kept = [character for character, times in counts.items() if times >= least]
        return cls(sorted(kept, key=lambda character: (-counts[character], character)), longest)

    @property
    def size(self) -> int:
        """How many ids there are, padding and unknown included."""
        return len(self.characters) + 2

    def encode(self, words: Sequence[str]) -> NDArray[np.int32]:
        """The ids of each word, `(N, C)`, 0 behind its end."""
        import numpy as np

        ids = np.zeros((len(words), self.longest), dtype=np.int32)
        head = self.longest // 2
        for row, word in enumerate(words):
            if len(word) > self.longest:
                word = word[:head] + word[head - self.longest :]
            ids[row, : len(word)] = [self._ids.get(character, 1) for character in word]
        return ids
