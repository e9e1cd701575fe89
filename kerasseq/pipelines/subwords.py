"""The n-grams of tokens as ids: what a model sees of a word that it does not know (Bojanowski et al., 2017)."""

# U distinct tokens, W most n-grams of one of them, K n-grams that a token can have

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.looked_up import LookedUp
from kerasseq.files import guarded, write_json
from kerasseq.spec import Subwords
from kerasseq.tokenizers.tokenizer import SPECIALS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.arrays.ragged import Ragged

__all__ = ["LETTERS", "Places", "SubwordIds", "spelled", "subwords_of"]

LETTERS = 24
"""Letters of a token that are read."""

TOKENS = 2
"""An n-gram of fewer training tokens says no more than the token itself."""

FILE = "subwords.json"


def subwords_of(name: str) -> str:
    """The input of the model that holds the n-grams of the tokens in another.

    >>> subwords_of("tokens_2")
    'subwords_2'
    """
    return name.replace("tokens", "subwords")


def spelled(token: str) -> str:
    """A token as it is cut: its marks around it, no longer than is read.

    >>> spelled("cat"), len(spelled("c" * 99))
    ('<cat>', 26)
    """
    return f"<{token}>"[: LETTERS + 2]


class SubwordIds:
    """Ids of n-grams: 0 is none, which unknown n-grams are, too.

    Args:
        cut: Which n-grams.
        listed: Those that are known, by id from 1.

    >>> ids = SubwordIds.learned(Subwords(3, 3, 9), {"cat": 5, "hat": 2})
    >>> ids.listed, ids.encode(["cat", "that", ""]).tolist()
    (('at>',), [[1], [1], [0]])
    """

    def __init__(self, cut: Subwords, listed: Sequence[str] = ()) -> None:
        self.cut = cut
        self.listed = tuple(listed)
        self._ids = {ngram: number for number, ngram in enumerate(self.listed, start=1)}
        self._known: dict[str, list[int]] = {}

    @classmethod
    def learned(cls, cut: Subwords, tokens: Counter[str] | dict[str, int], extra: Sequence[str] = ()) -> SubwordIds:
        """From the training tokens and how often each stands there: by falling frequency, then by code points.

        Where a file gives their vectors, those of extra words follow.
        """
        counts: Counter[str] = Counter()
        among: Counter[str] = Counter()
        ids = cls(cut)
        others = {word: 0 for word in extra if word not in tokens} if cut.given else {}
        for token, times in {**others, **tokens}.items():
            for ngram in {*ids.ngrams(token)}:
                counts[ngram] += times
                among[ngram] += 1
        least = 1 if cut.given else TOKENS
        shared = (ngram for ngram, several in among.items() if several >= least)
        order = sorted(shared, key=lambda ngram: (-counts[ngram], -among[ngram] * (not counts[ngram]), ngram))
        return cls(cut, order[: cut.limit])

    @property
    def size(self) -> int:
        """Ids, 0 included."""
        return len(self.listed) + 1

    @property
    def width(self) -> int:
        """K: n-grams of a token that is as long as is read."""
        return sum(max(LETTERS + 3 - size, 0) for size in range(self.cut.shortest, self.cut.longest + 1))

    def ngrams(self, token: str) -> Iterator[str]:
        """All n-grams of a token, the shortest first."""
        letters = spelled(token) if token else ""
        for size in range(self.cut.shortest, self.cut.longest + 1):
            for start in range(len(letters) - size + 1):
                yield letters[start : start + size]

    def encode(self, tokens: Iterable[str]) -> NDArray[np.int32]:
        """The known n-grams of tokens, `(U, W)`, each as often as it stands there; 0 behind them."""
        import numpy as np

        rows = [self._of(token) for token in tokens]
        found = np.zeros((len(rows), max(map(len, rows), default=0)), dtype=np.int32)
        for place, row in enumerate(rows):
            found[place, : len(row)] = row
        return found

    def _of(self, token: str) -> list[int]:
        row = self._known.get(token)
        if row is None:
            numbers = map(self._ids.get, self.ngrams(token))
            row = self._known[token] = [number for number in numbers if number is not None]
        return row

    def looked_up(self, places: Ragged, tokens: Places) -> LookedUp:
        """The n-grams of every step.

        Args:
            places: The place of each.
            tokens: Who gave them.
        """
        table = self.encode(["", *SPECIALS[1:], *tokens.numbers])
        table[: len(SPECIALS)] = 0
        return LookedUp(places.flat, places.offsets, table, self.width)

    def to_json(self) -> dict[str, Any]:
        """What `subwords.json` holds."""
        return {"shortest": self.cut.shortest, "longest": self.cut.longest, "ngrams": list(self.listed)}

    def save(self, folder: Path) -> None:
        """Write `subwords.json` into a run."""
        write_json(folder / FILE, self.to_json())

    def loaded(self, folder: Path) -> SubwordIds:
        """The same cut, with the n-grams of a run.

        Raises:
            RunError: The file is missing or damaged.
        """
        path = folder / FILE
        with guarded(path, "what training wrote"):
            state = json.loads(path.read_text(encoding="utf-8"))
            return SubwordIds(self.cut, [str(ngram) for ngram in state["ngrams"]])


class Places:
    """A number for each distinct token, as they come, behind those that stand for no token.

    >>> places = Places()
    >>> places(["a", "b", "a"]), list(places.numbers)
    ([3, 4, 3], ['a', 'b'])
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, tokens: Iterable[str]) -> list[int]:
        """The numbers of tokens."""
        numbers = self.numbers
        return [numbers.setdefault(token, len(numbers) + len(SPECIALS)) for token in tokens]
