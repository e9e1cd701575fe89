"""What a language model has to beat: n-grams of tokens, smoothed as Kneser and Ney do."""

# S tokens in all, T tokens of a document, V tokens of the vocabulary, G n-grams of an order, H of the order below

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kerasseq.arrays.ragged import Ragged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LONGEST", "Documents", "NgramModel", "discounts", "fit_ngrams"]

Documents: TypeAlias = "Ragged | Sequence[Sequence[int] | NDArray[np.integer]]"
"""Token ids of each document, in [0, V)."""

LONGEST = 6
"""Tokens of the longest n-gram."""

_FALLBACK = (0.5, 1.0, 1.5)


def fit_ngrams(documents: Documents, vocabulary_size: int, order: int = 5) -> NgramModel:
    """Count n-grams and smooth them: interpolated modified Kneser-Ney (Chen and Goodman, 1999).

    A start mark, which is never predicted, stands before each document. Below the highest order an n-gram counts as
    often as there are different tokens before it; one that begins with the start mark has nothing before it and keeps
    its own count (as in KenLM, Heafield et al., 2013). The lowest order is interpolated with `1 / V`, so that no token
    is impossible.

    Args:
        documents: Of training.
        vocabulary_size: V.
        order: Tokens of the longest n-gram, 1 to 6; 1 looks at no token before.

    Raises:
        ValueError: The order is out of range, an id is not below V, or there is no token.
    """
    import numpy as np

    if not 1 <= order <= LONGEST:
        raise ValueError(f"order must be 1 to {LONGEST}, got {order}")
    laid = _laid(documents, vocabulary_size)
    if not (laid.place > 0).any():
        raise ValueError("documents must hold at least 1 token, got none")
    size = vocabulary_size + 1
    ids = laid.tokens  # (S,): which n-gram of the current order ends at each token
    keys = [np.arange(size)]
    counts = [np.bincount(ids[laid.place > 0], minlength=size)]
    histories = [np.zeros(size, dtype=np.int64)]
    for length in range(2, order + 1):
        ends = np.flatnonzero(laid.place >= length - 1)
        known, first, which, often = np.unique(
            ids[ends - 1] * size + laid.tokens[ends], return_index=True, return_inverse=True, return_counts=True
        )
        before = np.bincount(ids[ends[first]], minlength=len(keys[-1]))  # different tokens before each n-gram
        # Nothing is counted before an n-gram that begins with the start mark; the mark itself is none
        counts[-1] = np.where(before > 0, before, counts[-1] if length > 2 else 0)
        histories.append(ids[ends[first] - 1])
        keys.append(known)
        counts.append(often)
        ids = np.full(len(ids), -1)
        ids[ends] = which
    sizes = [1, *map(len, keys)]
    levels = zip(keys, counts, histories, sizes, strict=False)
    return NgramModel(vocabulary_size, tuple(_level(*level) for level in levels))


def discounts(counts: NDArray[np.integer]) -> tuple[float, float, float]:
    """What is taken from counts of 1, 2, and 3 or more, by Chen and Goodman's formula.

    Where no n-gram has one of the counts 1 to 4, or a discount would be outside (0, count], they are 0.5, 1 and 1.5.

    >>> import numpy as np
    >>> [round(d, 3) for d in discounts(np.repeat([1, 2, 3, 4], [40, 20, 10, 5]))]
    [0.5, 1.25, 2.0]
    >>> discounts(np.array([1, 1, 2]))
    (0.5, 1.0, 1.5)
    """
    import numpy as np

    n = np.bincount(counts[counts <= 4], minlength=5)[1:].tolist()
    if not all(n):
        return _FALLBACK
    y = n[0] / (n[0] + 2 * n[1])
    one, two, more = (c - (c + 1) * y * after / own for c, (own, after) in enumerate(pairwise(n), start=1))
    return (one, two, more) if one > 0 and 0 < two and 0 < more else _FALLBACK


@dataclass(frozen=True)
class NgramModel:
    """Kneser-Ney n-grams, fitted.

    Attributes:
        vocabulary_size: V.
        levels: One for each order, from 1 on.
    """

    vocabulary_size: int
    levels: tuple[_Level, ...]

    @property
    def order(self) -> int:
        """Tokens of the longest n-gram."""
        return len(self.levels)

    def log_probabilities(self, documents: Documents) -> list[NDArray[np.float64]]:
        """Natural logarithms of the probability of each token given those before it in its document, `(T,)` each.

        A history that training does not have is cut at its old end until training has it.

        Raises:
            ValueError: An id is not below V.
        """
        import numpy as np

        laid = _laid(documents, self.vocabulary_size)
        size = self.vocabulary_size + 1
        probability = np.full(len(laid.tokens), 1 / self.vocabulary_size)
        ids = np.zeros(len(laid.tokens), dtype=np.int64)  # which n-gram of the order below ends there; -1 for unknown
        for length, level in enumerate(self.levels, start=1):
            ends = np.flatnonzero(laid.place >= max(length - 1, 1))
            history = ids[ends - 1]
            found = level.find(history * size + laid.tokens[ends])
            total = level.totals[history]
            seen = (history >= 0) & (total > 0)
            own = np.where(found >= 0, level.discounted[found], 0.0)
            rest = level.rests[history]
            mixed = (own + rest * probability[ends]) / np.where(seen, total, 1.0)
            probability[ends] = np.where(seen, mixed, probability[ends])
            ids = np.full(len(laid.tokens), -1) if length > 1 else laid.tokens.copy()  # a mark begins histories, too
            ids[ends] = found
        logs = np.log(probability[laid.place > 0])
        return [np.array(part) for part in np.split(logs, np.cumsum(laid.lengths)[:-1])] if len(laid.lengths) else []


class _Level(NamedTuple):
    """N-grams of one order.

    Attributes:
        keys: `(G,)`, ascending: the place of the n-gram without its last token in the level below, times V + 1, plus
            that token.
        discounted: `(G,)`: counts less their discounts.
        totals: `(H,)`: of each n-gram of the order below the sum of the counts behind it.
        rests: `(H,)`: what the discounts took from these.
    """

    keys: NDArray[np.int64]
    discounted: NDArray[np.float64]
    totals: NDArray[np.float64]
    rests: NDArray[np.float64]

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places among the keys, -1 for what is not there."""
        import numpy as np

        if not len(self.keys):
            return np.full(len(keys), -1)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


def _level(keys: NDArray[np.int64], counts: NDArray[np.int64], history: NDArray[np.int64], size: int) -> _Level:
    """The level of these n-grams.

    Args:
        keys: See `_Level`.
        counts: `(G,)`.
        history: `(G,)`: the place of each n-gram without its last token in the level below.
        size: H.
    """
    import numpy as np

    taken = np.array([0.0, *discounts(counts)])[np.minimum(counts, 3)]
    totals = np.bincount(history, counts, minlength=size).astype(np.float64)
    return _Level(keys, counts - taken, totals, np.bincount(history, taken, minlength=size).astype(np.float64))


class _Laid(NamedTuple):
    """Documents end to end, a start mark before each.

    Attributes:
        tokens: `(S + N,)` int64; the start mark is V.
        place: `(S + N,)`: 0 for the mark, 1 for the first token of a document.
        lengths: `(N,)`: tokens of each document.
    """

    tokens: NDArray[np.int64]
    place: NDArray[np.int64]
    lengths: NDArray[np.int64]


def _laid(documents: Documents, vocabulary_size: int) -> _Laid:
    import numpy as np

    ragged = documents if isinstance(documents, Ragged) else Ragged.from_lists(documents, "int64")
    flat = np.asarray(ragged.flat, dtype=np.int64)
    wrong = flat[(flat < 0) | (flat >= vocabulary_size)]
    if len(wrong):
        raise ValueError(f"tokens must be ids below {vocabulary_size}, got {wrong[0]}")
    starts = ragged.offsets[:-1] + np.arange(len(ragged))
    place = np.arange(len(flat) + len(ragged)) - np.repeat(starts, ragged.lengths + 1)
    tokens = np.full(len(place), vocabulary_size, dtype=np.int64)
    tokens[place > 0] = flat
    return _Laid(tokens, place, ragged.lengths)
