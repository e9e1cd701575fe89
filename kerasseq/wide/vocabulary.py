"""Which n-grams a linear model looks at, and a text as their TF-IDF."""

# N texts, V n-grams of one sort

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kerasseq.wide.substrings import Found, Substrings, parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Block", "Sort"]

Sort = Literal["words", "characters"]


@dataclass(frozen=True)
class Block:
    """The n-grams of one sort, and how rare each is.

    A text is `(1 + ln tf) * idf` of each, divided by its Euclidean length; `idf = ln((1 + N) / (1 + df)) + 1`.

    Attributes:
        sort: Of words, or of characters inside words.
        most: Words or characters of the longest.
        spelled: The V n-grams, with a space at every end of a word that they touch.
        keys: `(V,)` uint64, ascending.
        idf: `(V,)` float32.
    """

    sort: Sort
    most: int
    spelled: tuple[str, ...]
    keys: NDArray[np.uint64]
    idf: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[str], sort: Sort, most: int, frequency: int, limit: int) -> Block:
        """The n-grams of texts that were made `apart`.

        Args:
            texts: N texts.
            sort: Of words, or of characters inside words.
            most: Words or characters of the longest.
            frequency: Texts that an n-gram must stand in.
            limit: Most n-grams, the most frequent ones.
        """
        keys, counts = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        spelled: NDArray[Any] = np.zeros(0, dtype=object)
        for part in parts(texts):
            points = Substrings(texts[part])
            found = _found(points, sort, most)
            new, first, places = np.unique(found.keys, return_index=True, return_inverse=True)
            pairs = np.unique(places * np.int64(part.stop - part.start) + found.rows)
            more = np.bincount(pairs // (part.stop - part.start), minlength=len(new))
            names = np.empty(len(new), dtype=object)
            names[:] = [points.spelled(a, b) for a, b in zip(found.starts[first], found.ends[first], strict=True)]
            keys, counts, spelled = _merged((keys, counts, spelled), (new, more, names))
        kept = np.flatnonzero(counts >= frequency)
        if len(kept) > limit:
            kept = np.sort(kept[np.argsort(-counts[kept], kind="stable")[:limit]])
        idf = np.log((1 + len(texts)) / (1 + counts[kept])) + 1
        return cls(sort, most, tuple(spelled[kept]), keys[kept], idf.astype(np.float32))

    def __len__(self) -> int:
        return len(self.keys)

    def features(self, texts: Sequence[str]) -> Any:
        """TF-IDF of texts that were made `apart`: a sparse `(N, V)` of float32."""
        from scipy.sparse import csr_matrix, vstack

        made = [self._features(texts[part]) for part in parts(texts)]
        return vstack(made).tocsr() if made else csr_matrix((0, len(self)), dtype=np.float32)

    def _features(self, texts: Sequence[str]) -> Any:
        from scipy.sparse import csr_matrix, diags

        found = _found(Substrings(texts), self.sort, self.most)
        places = np.searchsorted(self.keys, found.keys)
        known = np.zeros(len(places), dtype=bool)
        inside = places < len(self.keys)
        known[inside] = self.keys[places[inside]] == found.keys[inside]
        ones = np.ones(int(known.sum()), dtype=np.float32)
        x = csr_matrix((ones, (found.rows[known], places[known])), shape=(len(texts), len(self)))  # sums what repeats
        x.sum_duplicates()
        x.data = (1 + np.log(x.data)) * self.idf[x.indices]
        lengths = np.sqrt(np.asarray(x.multiply(x).sum(axis=1)).ravel())
        return (diags(1 / np.maximum(lengths, np.finfo(np.float32).tiny)) @ x).tocsr().astype(np.float32)


def _found(points: Substrings, sort: Sort, most: int) -> Found:
    return points.words(most) if sort == "words" else points.characters(most)


def _merged(one: tuple[Any, Any, Any], other: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Keys, counts and names of both, keys ascending and each once."""
    if not len(one[0]):
        return other
    keys, first, places = np.unique(np.concatenate([one[0], other[0]]), return_index=True, return_inverse=True)
    counts = np.bincount(places, weights=np.concatenate([one[1], other[1]]), minlength=len(keys)).astype(np.int64)
    return keys, counts, np.concatenate([one[2], other[2]])[first]
