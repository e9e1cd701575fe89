"""Words as vectors of their letters, by which words of like spelling are near each other."""

# V size of the vocabulary, G distinct n-grams, K numbers of a word

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from kerasseq.pipelines.subwords import SubwordIds
from kerasseq.spec import Subwords
from kerasseq.tokenizers.tokenizer import SPECIALS

__all__ = ["WIDTH", "signs", "spellings"]

WIDTH = 128
"""K. The product of two words misses the cosine r of their counts by about (1 - r^2) / sqrt(K): 0.09 where they have
nothing in common, 0 where they are the same."""

CUT = SubwordIds(Subwords(shortest=3, longest=5))
WORDS = 4096
"""Words at a time."""


def spellings(vocabulary: Sequence[str]) -> NDArray[np.float32]:
    """A vector of length 1 for each token, whose products say how alike two of them are in letters.

    The counts of a token's n-grams of 3 to 5 letters, with `<` before and `>` behind it, go through a random projection
    of signs (Johnson & Lindenstrauss, 1984; Achlioptas, 2003), which keeps the cosines of all of them about as they
    are. The signs of an n-gram are the bits of its hash, so no list of n-grams is kept, and they are the same
    everywhere.

    Args:
        vocabulary: Token by id.

    Returns:
        `(V, K)`; zeros for padding, the unknown token and the separator.

    Example:

    >>> table = spellings(["", "[UNK]", "[SEP]", "network", "networks", "river"])
    >>> [round(float(table[3] @ word), 1) for word in table[3:]]
    [1.0, 0.8, -0.0]
    """
    table = np.zeros((len(vocabulary), WIDTH), dtype=np.float32)
    for start in range(len(SPECIALS), len(vocabulary), WORDS):
        cut = [list(CUT.ngrams(token)) for token in vocabulary[start : start + WORDS]]
        numbers = {ngram: number for number, ngram in enumerate(dict.fromkeys(chain.from_iterable(cut)))}
        drawn = signs(numbers)
        for row, ngrams in enumerate(cut, start):
            total = drawn[[numbers[ngram] for ngram in ngrams]].sum(axis=0, dtype=np.int64)
            table[row] = total / np.sqrt(max(int(total @ total), 1))
    return table


def signs(ngrams: Collection[str]) -> NDArray[np.int8]:
    """What stands for each n-gram: the bits of its hash, `(G, K)` of -1 and 1."""
    hashes = b"".join(hashlib.blake2b(ngram.encode("utf-8"), digest_size=WIDTH // 8).digest() for ngram in ngrams)
    bits = np.unpackbits(np.frombuffer(hashes, dtype=np.uint8)).reshape(-1, WIDTH)
    return bits.astype(np.int8) * 2 - 1
