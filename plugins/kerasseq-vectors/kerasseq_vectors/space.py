"""Vectors of a file beside each other: neighbours and analogies, by cosine."""

# N words, D numbers of a vector

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasseq.plugin import DataError, read_vectors

__all__ = ["Space", "Found"]

SPELLINGS = 5
"""Words of like spelling that an error names."""

Found = list[tuple[str, float]]
"""Words and their cosines, the nearest first."""


class Space:
    """The first words of a file, and those that are asked for.

    Args:
        path: Any file that `[embedding]` reads.
        asked: Words that must be there.
        limit: How many words of the file stand beside each other.

    Raises:
        DataError: The file cannot be read, or does not hold a word that is asked for.
    """

    def __init__(self, path: Path, asked: Sequence[str], limit: int) -> None:
        import numpy as np
        from gensim.models import KeyedVectors

        found = {**read_vectors(path, limit), **read_vectors(path, set(asked))}
        absent = [word for word in dict.fromkeys(asked) if word not in found]
        if absent:
            raise DataError("\n".join(_absent(path, word, found) for word in absent))
        self.table = KeyedVectors(len(next(iter(found.values()))))
        self.table.add_vectors(list(found), np.stack(list(found.values())))

    def near(self, word: str, count: int) -> Found:
        """The words whose vectors lie nearest in direction."""
        return _plain(self.table.most_similar(word, topn=count))

    def analogy(self, a: str, b: str, c: str, count: int) -> Found:
        """The words d for which a is to b as c is to d: nearest to b - a + c of length 1 each (Mikolov et al., 2013).

        The three themselves are left out.
        """
        return _plain(self.table.most_similar(positive=[b, c], negative=[a], topn=count))

    def vectors(self, words: Sequence[str]) -> Any:
        """`(N, D)`, of length 1 each."""
        import numpy as np

        rows = np.stack([self.table[word] for word in words]).astype(np.float64)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _plain(found: Sequence[tuple[str, Any]]) -> Found:
    return [(word, float(cosine)) for word, cosine in found]


def _absent(path: Path, word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, known, n=SPELLINGS, cutoff=0.6)
    hint = f"; did you mean {', '.join(close)}?" if close else f"; it holds {', '.join(list(known)[:SPELLINGS])}, ..."
    return f'{path}: must hold the word, got "{word}"{hint}'
