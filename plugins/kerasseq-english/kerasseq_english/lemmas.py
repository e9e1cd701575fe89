"""`english_lemmas`: dictionary forms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kerasseq.plugin import EachWord, PreprocessorSpec
from kerasseq_english.extras import missing
from kerasseq_english.words import english_words

__all__ = ["EnglishLemmas", "lemma"]


class EnglishLemmas(PreprocessorSpec):
    """Write English words in their dictionary form by simplemma's lists: `was` to `be`, `geese` to `goose`; a word
    that the lists do not know is written in lower case. The word alone decides: `saw` is always the same.

    Needs the extra `simplemma`. A step of Python: the exporter names it and leaves it, and all before it, to whoever
    asks the model. Put it before `casefold`: names differ from words by their capital.
    """

    name: str = "english_lemmas"

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from missing("name", "simplemma", "english_lemmas")

    def build(self) -> EachWord:
        return english_words(lemma)


@lru_cache(maxsize=100_000)
def lemma(word: str) -> str:
    """The dictionary form of a word; what follows an apostrophe stays."""
    from simplemma import lemmatize

    head, apostrophe, tail = word.partition("'")
    return f"{lemmatize(head, lang='en')}{apostrophe}{tail}"
