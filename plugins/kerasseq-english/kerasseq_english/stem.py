"""`english_stem`: words cut down to what their forms share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache, partial
from typing import Literal

from kerasseq.plugin import EachWord, PreprocessorSpec
from kerasseq_english.extras import missing
from kerasseq_english.words import english_words

__all__ = ["EnglishStem", "stem"]


class EnglishStem(PreprocessorSpec):
    """Cut English words down to stems, in lower case: `connections` and `connected` to `connect`.

    A step of Python: the exporter names it and leaves it, and all before it, to whoever asks the model. Put it last; a
    stem is no word any more, and stemming twice may cut twice.
    """

    name: str = "english_stem"
    stemmer: Literal["snowball", "porter", "lancaster"] = "snowball"
    """`snowball` is Porter's second algorithm (2001), `porter` his first (1980), both of snowballstemmer; `lancaster`
    cuts most (Paice, 1990), by nltk: the extra `nltk`."""

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.stemmer == "lancaster":
            yield from missing("stemmer", "nltk", "lancaster")

    def build(self) -> EachWord:
        return english_words(partial(stem, self.stemmer))


@lru_cache(maxsize=100_000)
def stem(stemmer: str, word: str) -> str:
    """The stem of a word; but for `snowball`, which knows `'s`, what follows an apostrophe stays."""
    head, apostrophe, tail = (word.lower(), "", "") if stemmer == "snowball" else word.lower().partition("'")
    return _stemmer(stemmer)(head) + apostrophe + tail


@cache
def _stemmer(name: str) -> Callable[[str], str]:
    # the classes themselves: snowballstemmer.stemmer takes PyStemmer where it is installed, perhaps of another version
    method: Callable[[str], str]
    if name == "snowball":
        from snowballstemmer.english_stemmer import EnglishStemmer

        method = EnglishStemmer().stemWord
    elif name == "porter":
        from snowballstemmer.porter_stemmer import PorterStemmer

        method = PorterStemmer().stemWord
    else:
        from nltk.stem.lancaster import LancasterStemmer

        method = LancasterStemmer().stem
    return method
