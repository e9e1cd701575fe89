"""word2vec and fastText on lists of tokens, by gensim."""

# N words, D numbers of a vector

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.plugin import DataError, err, is_plain, is_quiet

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Learning", "learn"]

LONGEST = 10_000
"""Tokens that gensim reads at a time; what stands behind them it would leave out."""


@dataclass(frozen=True)
class Learning:
    """How vectors are learned.

    Attributes:
        model: `word2vec` (Mikolov et al., 2013), or `fasttext`, which learns vectors of n-grams, too (Bojanowski et
            al., 2017).
        algorithm: `skipgram`: a word says which stand around it; `cbow`: those around it say the word.
        dimension: Numbers D of a vector.
        window: Words on either side, at most.
        min_count: Words seen less often have no vector.
        negative: Words drawn against each true one.
        epochs: Passes over the texts.
        shortest: Letters of the shortest n-gram, `<` and `>` counted.
        longest: Letters of the longest one.
        buckets: Vectors that n-grams share by their hashes.
        seed: Of the first vectors, of the words drawn, and of those left out.
        workers: Threads; the same seed gives the same vectors with one alone.
    """

    model: Literal["word2vec", "fasttext"] = "word2vec"
    algorithm: Literal["skipgram", "cbow"] = "skipgram"
    dimension: int = 100
    window: int = 5
    min_count: int = 2
    negative: int = 5
    epochs: int = 10
    shortest: int = 3
    longest: int = 6
    buckets: int = 200_000
    seed: int = 0
    workers: int = 1


@dataclass
class Sentences:
    """Lists of tokens that are read several times, each reading told."""

    tokens: Sequence[Sequence[str]]
    bar: Progress
    task: Any = field(init=False)

    def __post_init__(self) -> None:
        self.task = self.bar.add_task("vectors", total=None)

    def __iter__(self) -> Iterator[Sequence[str]]:
        for row in self.tokens:
            for start in range(0, len(row), LONGEST):
                yield row[start : start + LONGEST]
            self.bar.advance(self.task)


def learn(tokens: Sequence[Sequence[str]], how: Learning) -> Any:
    """Return the gensim model; its `wv` holds the words, the most frequent first, and their vectors.

    Args:
        tokens: A list of tokens for each text.
        how: The settings.

    Raises:
        DataError: Fewer than two words stand there often enough.
    """
    counts = Counter(token for row in tokens for token in row)
    known = sum(1 for count in counts.values() if count >= how.min_count)
    if known < 2:
        rule = f"texts: must have two words or more that stand there {how.min_count} times"
        raise DataError(f"{rule}, got {known} of {len(counts):,}; --min-count takes rarer ones")
    from gensim.models import FastText, Word2Vec

    settings: dict[str, Any] = {"vector_size": how.dimension, "window": how.window, "min_count": how.min_count}
    settings |= {"negative": how.negative, "epochs": how.epochs, "seed": how.seed, "workers": how.workers}
    settings |= {"sg": int(how.algorithm == "skipgram")}
    if how.model == "fasttext":
        settings |= {"min_n": how.shortest, "max_n": how.longest, "bucket": how.buckets}
    with _quiet(), _bar() as bar:
        sentences = Sentences(tokens, bar)
        bar.update(sentences.task, total=len(tokens) * (how.epochs + 1))  # the first reading counts the words
        return (FastText if how.model == "fasttext" else Word2Vec)(sentences=sentences, **settings)


def _bar() -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = err()
    columns = (TextColumn("vectors"), BarColumn(bar_width=24), TimeRemainingColumn(), TextColumn("left"))
    disable = not console.is_terminal or is_plain() or is_quiet()
    return Progress(*columns, console=console, transient=True, disable=disable)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Within, gensim says errors alone; of few texts it would warn that threads have little to do."""
    logger = logging.getLogger("gensim")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
