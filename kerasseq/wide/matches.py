"""How much two texts have in common, as numbers: words, neighbours, letters inside words, and how long both are."""

# P words of the first text, Q of the second, each word once; G n-grams of letters of both

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.preprocessors.rules import Replace, Rules
from kerasseq.preprocessors.unicode import Casefold

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ALIKE", "NAMES", "SIZES", "bare", "matches", "rareness"]

NAMES = (
    "words of the first in the second",
    "words of the second in the first",
    "words of the first in the second, by rareness",
    "words of the second in the first, by rareness",
    "pairs of words of the first in the second",
    "letters of the first in the second",
    "letters of the second in the first",
    "likeness of words of the first, by rareness",
    "likeness of words of the second, by rareness",
    "words of the first with one alike in the second",
    "words of the second with one alike in the first",
    "words that the second misses, logarithm",
    "length of the first, logarithm",
    "length of the second, logarithm",
    "length of the second by the first, at most 1",
)
"""What `matches` gives, in this order; shares are of words as often as they stand there."""

SIZES = (2, 3)
"""Letters of the n-grams inside words."""

LETTERS = 20
"""Of a word that are looked at."""

WORDS = 200
"""Of a text that are looked at, the first ones."""

ALIKE = 0.5
"""Likeness above which two words are alike."""

_SIGNS = Replace(r"[^{letter}{mark}{digit}_]+", " ")
_ENDS = Replace(r"{start} | {end}", "")
_LONG = Replace(rf"([^ ]{{{LETTERS}}})[^ ]+", r"\1")
_MANY = Replace(rf"{{start}}((?:[^ ]+ ){{{WORDS - 1}}}[^ ]+) {{any}}*", r"\1")


def bare() -> Rules:
    """What is done to a text before it is compared: 200 words of at most 20 small letters, one space between.

    >>> bare()(["Good, GOOD film!"])
    ['good good film']
    """
    return Rules([*Casefold(name="casefold").build().rules, _SIGNS, _ENDS, _LONG, _MANY])


def rareness(texts: Sequence[str]) -> tuple[dict[str, float], float]:
    """`ln((1 + N) / (1 + df)) + 1` of each word of two or more of N `bare` texts, and of any other word.

    Texts that are the same count once: a question stands beside each of its answers.
    """
    texts = list(dict.fromkeys(texts))
    counts = Counter(word for text in texts for word in set(text.split()))
    known = {word: float(np.log((1 + len(texts)) / (1 + count)) + 1) for word, count in counts.items() if count > 1}
    return known, float(np.log((1 + len(texts)) / 2) + 1)


def matches(first: str, second: str, rare: Mapping[str, float], rarest: float) -> list[float]:
    """The numbers of `NAMES` for two `bare` texts; 0 where a share is of nothing.

    Two words are as alike as the share of their n-grams of 2 and 3 letters, ends included, that stand in the other (as
    of Dice, 1945).

    Args:
        first: The text that the other is held against: a question, a model answer.
        second: The other.
        rare: Rareness by word.
        rarest: That of any other word.

    >>> dict(zip(NAMES, matches("a good film", "good", {}, 1.0)))["words of the second in the first"]
    1.0
    """
    one, other = first.split(), second.split()
    a, b = Counter(one), Counter(other)
    neighbours = list(pairwise(one)), set(pairwise(other))
    x, y = _grams(a, b)  # (P, G), (Q, G)
    times_a, times_b = (np.array(list(words.values()), dtype=float) for words in (a, b))
    rare_a, rare_b = (np.array([rare.get(word, rarest) for word in words], dtype=float) for words in (a, b))
    in_b, in_a = (np.array([word in words for word in asked], dtype=float) for asked, words in ((a, b), (b, a)))
    likeness = _likeness(x, y)
    like_a, like_b = likeness.max(axis=1, initial=0), likeness.max(axis=0, initial=0)
    letters_a, letters_b = times_a @ x, times_b @ y  # (G,)
    return [
        _share(times_a, in_b),
        _share(times_b, in_a),
        _share(times_a * rare_a, in_b),
        _share(times_b * rare_b, in_a),
        sum(pair in neighbours[1] for pair in neighbours[0]) / max(len(neighbours[0]), 1),
        _share(letters_a, letters_b > 0),
        _share(letters_b, letters_a > 0),
        _share(times_a * rare_a, like_a),
        _share(times_b * rare_b, like_b),
        _share(times_a, like_a > ALIKE),
        _share(times_b, like_b > ALIKE),
        float(np.log1p(times_a @ (1 - in_b))),
        float(np.log1p(len(one))),
        float(np.log1p(len(other))),
        min(len(other) / max(len(one), 1), 1.0),
    ]


def _grams(*sides: Mapping[str, int]) -> list[NDArray[np.float64]]:
    """How often each n-gram of all stands in each word."""
    found = [[[f" {w} "[i : i + n] for n in SIZES for i in range(len(w) + 3 - n)] for w in words] for words in sides]
    places = {gram: n for n, gram in enumerate(dict.fromkeys(g for words in found for word in words for g in word))}
    counted = [np.zeros((len(words), len(places))) for words in found]
    for counts, words in zip(counted, found, strict=True):
        rows = [row for row, word in enumerate(words) for _ in word]
        np.add.at(counts, (rows, [places[gram] for word in words for gram in word]), 1)
    return counted


def _likeness(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each two words, `(P, Q)`."""
    shared = x @ (y > 0).T + (x > 0) @ y.T
    likeness: NDArray[np.float64] = shared / (x.sum(axis=1)[:, None] + y.sum(axis=1))
    return likeness


def _share(weights: NDArray[np.float64], what: NDArray[Any]) -> float:
    whole = weights.sum()
    return float(weights @ what / whole) if whole else 0.0
