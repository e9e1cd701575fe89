"""`arabic_stem`: prefixes and suffixes cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache, partial
from typing import Literal

from kerasseq.plugin import EachWord, PreprocessorSpec
from kerasseq_arabic.extras import missing
from kerasseq_arabic.words import arabic_words

__all__ = ["ArabicStem", "stem"]


class ArabicStem(PreprocessorSpec):
    """Cut Arabic words down to stems: `المكتبات` to `مكتب` (`isri`: `كتب`).

    A step of Python: the exporter names it and leaves it, and all before it, to whoever asks the model. Put it last; a
    stem is no word any more, and stemming twice may cut twice. Harakat go with it.
    """

    name: str = "arabic_stem"
    stemmer: Literal["snowball", "isri", "arlstem", "arlstem2"] = "snowball"
    """`snowball`: the light stemmer of snowballstemmer. By nltk, the extra `nltk`: `isri` cuts down to roots, or what
    is left where there is none (Taghva, Elkhoury & Coombs, 2005); `arlstem` (Abainia, Ouamour & Sayoud, 2017) and
    `arlstem2` (2019) are light."""

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.stemmer != "snowball":
            yield from missing("stemmer", "nltk", self.stemmer)

    def build(self) -> EachWord:
        return arabic_words(partial(stem, self.stemmer))


@lru_cache(maxsize=100_000)
def stem(stemmer: str, word: str) -> str:
    """The stem of a word, or nothing where all of it is cut."""
    return _stemmer(stemmer)(word)


@cache
def _stemmer(name: str) -> Callable[[str], str]:
    method: Callable[[str], str]
    if name == "snowball":
        # the class itself: snowballstemmer.stemmer takes PyStemmer where it is installed, perhaps of another version
        from snowballstemmer.arabic_stemmer import ArabicStemmer

        method = ArabicStemmer().stemWord
    elif name == "isri":
        from nltk.stem.isri import ISRIStemmer

        method = ISRIStemmer().stem
    elif name == "arlstem":
        from nltk.stem.arlstem import ARLSTem

        method = ARLSTem().stem
    else:
        from nltk.stem.arlstem2 import ARLSTem2

        method = ARLSTem2().stem
    return method
