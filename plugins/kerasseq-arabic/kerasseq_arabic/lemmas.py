"""`arabic_lemmas`: dictionary forms."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from kerasseq.plugin import EachWord, PreprocessorSpec
from kerasseq_arabic.extras import missing
from kerasseq_arabic.words import arabic_words

__all__ = ["ArabicLemmas", "lemma"]


class ArabicLemmas(PreprocessorSpec):
    """Write Arabic words in their dictionary form by qalsadi: `والمدارس` to `مدارس`, `يكتبون` to `كتب`.

    Needs the extra `qalsadi`, which is under the GPL: nothing of it is imported unless this step is chosen. The word
    alone decides; a word that was not met before takes milliseconds. A step of Python: the exporter names it and leaves
    it, and all before it, to whoever asks the model.
    """

    name: str = "arabic_lemmas"

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from missing("name", "qalsadi", "arabic_lemmas")

    def build(self) -> EachWord:
        return arabic_words(lemma)


@lru_cache(maxsize=100_000)
def lemma(word: str) -> str:
    """The dictionary form of a word, or nothing where none is found."""
    return _lemmatize()(word)


@cache
def _lemmatize() -> Callable[[str], str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources hold escape sequences that Python warns of
        from qalsadi.lemmatizer import Lemmatizer

    method: Callable[[str], str] = Lemmatizer().lemmatize
    return method
