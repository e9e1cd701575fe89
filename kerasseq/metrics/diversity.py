"""How much written texts repeat: themselves, and each other."""

# N texts, T tokens of a text

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import TypeAlias

__all__ = ["distinct", "diversity", "repetition", "self_bleu"]

Texts: TypeAlias = Sequence[Sequence[Hashable]]
"""Tokens of each text: words, characters or ids."""

_EPSILON = 0.1


def diversity(texts: Texts) -> dict[str, float]:
    """All of them by name: `distinct_1`, `distinct_2`, `distinct_3`, `repetition_4` and `self_bleu_4`.

    >>> {name: round(value, 2) for name, value in diversity([["a", "b", "c", "d"], ["a", "b", "c", "e"]]).items()}
    {'distinct_1': 0.62, 'distinct_2': 0.67, 'distinct_3': 0.75, 'repetition_4': 0.0, 'self_bleu_4': 0.4}
    """
    found = {f"distinct_{n}": distinct(texts, n) for n in (1, 2, 3)}
    return {**found, "repetition_4": repetition(texts, 4), "self_bleu_4": self_bleu(texts, 4)}


def distinct(texts: Texts, n: int) -> float:
    """Different n-grams of all texts over their n-grams, in [0, 1]: distinct-n (Li et al., 2016).

    Li et al. divide by tokens, which are `n - 1` more for each text; 1 is reached here where nothing comes twice.
    0 where no text has n tokens.
    """
    counts = Counter(ngram for text in texts for ngram in _ngrams(text, n))
    return len(counts) / counts.total() if counts else 0.0


def repetition(texts: Texts, n: int = 4) -> float:
    """Share of a text's n-grams that it had before, in [0, 1), the mean of texts: seq-rep-n (Welleck et al., 2020).

    Of a text one minus its different n-grams over its n-grams; texts of less than n tokens do not count. 0 where no
    text has n tokens.
    """
    counts = [Counter(_ngrams(text, n)) for text in texts]
    shares = [1 - len(own) / own.total() for own in counts if own]
    return math.fsum(shares) / len(shares) if shares else 0.0


def self_bleu(texts: Texts, n: int = 4) -> float:
    """How alike texts are, in [0, 1]: the mean BLEU-n of each against all others (Zhu et al., 2018).

    BLEU is that of Papineni et al. (2002) of one text, with the closest length as reference length, of equally close
    ones the shorter. A precision of order 1 to n without a match counts as 0.1 matches (Chen and Cherry, 2014, method
    1), of 1 n-gram where the text has none; a text without a common token has 0. 0 where there are less than two
    texts.
    """
    if len(texts) < 2:
        return 0.0
    logs = [0.0] * len(texts)
    for order in range(1, n + 1):
        counts = [Counter(_ngrams(text, order)) for text in texts]
        others = _Others(counts)
        for row, own in enumerate(counts):
            matches = sum(min(count, others.most(ngram, row)) for ngram, count in own.items())
            if order == 1 and not matches:
                logs[row] = -math.inf
            logs[row] += math.log((matches or _EPSILON) / (own.total() or 1)) / n
    lengths = sorted(map(len, texts))
    scores = [
        math.exp(log + _brevity(len(text), lengths)) if log > -math.inf else 0.0
        for text, log in zip(texts, logs, strict=True)
    ]
    return math.fsum(scores) / len(scores)


class _Others:
    """For each n-gram how often it stands, at most, in one of the other texts.

    Args:
        counts: Of the n-grams of each text.
    """

    def __init__(self, counts: Sequence[Counter[tuple[Hashable, ...]]]) -> None:
        self.best: dict[tuple[Hashable, ...], tuple[int, int, int]] = {}
        """The largest count, the text that has it, and the largest count of any other text."""
        for row, own in enumerate(counts):
            for ngram, count in own.items():
                most, where, next_most = self.best.get(ngram, (0, -1, 0))
                if count > most:
                    self.best[ngram] = (count, row, most)
                else:
                    self.best[ngram] = (most, where, max(next_most, count))

    def most(self, ngram: tuple[Hashable, ...], row: int) -> int:
        """Without the text at `row`."""
        most, where, next_most = self.best[ngram]
        return next_most if where == row else most


def _brevity(length: int, lengths: list[int]) -> float:
    """Logarithm of the brevity penalty of a text among all.

    Args:
        length: Its own, above 0.
        lengths: Of all texts with itself, ascending.
    """
    place = bisect_left(lengths, length)
    others = [lengths[at] for at in (place - 1, place + 1) if 0 <= at < len(lengths)]
    closest = min(others, key=lambda other: (abs(other - length), other))
    return min(0.0, 1 - closest / length)


def _ngrams(text: Sequence[Hashable], n: int) -> Iterator[tuple[Hashable, ...]]:
    return zip(*(text[start:] for start in range(n)), strict=False)
