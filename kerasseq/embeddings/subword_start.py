"""What a `subword` embedding starts from: vectors of n-grams in a file, and of words that are made of them."""

# V size of the vocabulary, G ids of n-grams, D numbers in a vector

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kerasseq.datasets.problems import shown
from kerasseq.embeddings.fasttext_model import FastTextVectors, shape_of
from kerasseq.embeddings.vectors import opened, read_vectors
from kerasseq.errors import DataError
from kerasseq.pipelines.subwords import SubwordIds
from kerasseq.spec import Subwords
from kerasseq.tokenizers.tokenizer import SPECIALS

__all__ = ["key_of", "start"]

logger = logging.getLogger("kerasseq.embeddings")

WORDS = 1024
"""Words at a time."""

Table = NDArray[np.float32]
Vectors = Mapping[str, NDArray[np.float32]]


def start(path: str, vocabulary: Sequence[str], listed: Sequence[str], cut: Subwords) -> tuple[Table, Table]:
    """The tables of words `(V, D)` and of n-grams `(G, D)` that a file gives; row 0 of both is zero.

    A word's own vector is what brings the mean of it and of the listed n-grams to the vector that the file gives the
    word, whichever n-grams are listed. Special tokens start at zero.

    Args:
        path: A model of fastText, or a text of n-grams as `key_of` spells them.
        vocabulary: Token by id.
        listed: The n-grams that are known, by id from 1.
        cut: How they are cut.

    Raises:
        DataError: The file is damaged, or holds no such n-gram.
    """
    words = vocabulary[len(SPECIALS) :]
    ids = SubwordIds(cut, listed)
    given, of = _fasttext(path, words, listed) if shape_of(path) else _text(path, words, listed, ids)
    if not given:
        raise DataError(f"{shown(path)}: must hold n-grams of the training words, got none of {len(listed):,}")
    dimension = len(next(iter(given.values())))
    ngrams = np.zeros((len(listed) + 1, dimension), dtype=np.float32)
    for number, ngram in enumerate(listed, start=1):
        if ngram in given:
            ngrams[number] = given[ngram]
    own = np.zeros((len(vocabulary), dimension), dtype=np.float32)
    for begin in range(0, len(words), WORDS):
        part = words[begin : begin + WORDS]
        known = ids.encode(part)  # (W, K)
        whole = np.stack([of(word, dimension) for word in part])
        count = 1 + (known > 0).sum(axis=1, keepdims=True)
        own[len(SPECIALS) + begin :][: len(part)] = whole * count - ngrams[known].sum(axis=1, dtype=np.float64)
    return own, ngrams


Of = Callable[[str, int], NDArray[np.float64]]


def _fasttext(path: str, words: Sequence[str], listed: Sequence[str]) -> tuple[Vectors, Of]:
    found: FastTextVectors = opened(path, words, listed)
    logger.info("%s: knows %d of %d words, gives %d n-grams", path, found.known, len(words), len(found.ngrams))

    def of(word: str, dimension: int) -> NDArray[np.float64]:
        return np.asarray(found.words.get(word, np.zeros(dimension)), dtype=np.float64)

    return found.ngrams, of


def _text(path: str, words: Sequence[str], listed: Sequence[str], ids: SubwordIds) -> tuple[Vectors, Of]:
    spelled = {ngram: key_of(ngram) for ngram in {*listed, *_all(words, ids)}}
    read = read_vectors(path, set(spelled.values()))
    found = {ngram: read[key] for ngram, key in spelled.items() if key in read}
    there = sum(1 for ngram in listed if ngram in found)
    logger.info("%s: gives %d of %d n-grams", path, there, len(listed))

    def of(word: str, dimension: int) -> NDArray[np.float64]:
        rows = [found[ngram] for ngram in ids.ngrams(word) if ngram in found]
        return np.mean(rows, axis=0, dtype=np.float64) if rows else np.zeros(dimension)

    return {ngram: found[ngram] for ngram in listed if ngram in found}, of


def _all(words: Iterable[str], ids: SubwordIds) -> Iterable[str]:
    return (ngram for word in words for ngram in ids.ngrams(word))


def key_of(ngram: str) -> str:
    """An n-gram as the text files of CharNGram spell it (Hashimoto et al., 2017).

    >>> key_of("<ca"), key_of("cat"), key_of("at>")
    ('3gram-#BEGIN#ca', '3gram-cat', '3gram-at#END#')
    """
    begins, ends = ngram.startswith("<"), ngram.endswith(">") and len(ngram) > 1
    letters = ngram[1:] if begins else ngram
    letters = letters[:-1] if ends else letters
    return f"{len(ngram)}gram-{'#BEGIN#' * begins}{letters}{'#END#' * ends}"
