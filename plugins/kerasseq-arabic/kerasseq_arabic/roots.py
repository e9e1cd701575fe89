"""`arabic_roots`: the consonants that a word is built on."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from kerasseq.plugin import EachWord, PreprocessorSpec
from kerasseq_arabic.extras import missing
from kerasseq_arabic.words import arabic_words

__all__ = ["ArabicRoots", "root"]


class ArabicRoots(PreprocessorSpec):
    """Write Arabic words as roots, by tashaphyne: `والمدارس` to `درس`. A guess where several roots are possible.

    Needs the extra `tashaphyne`, which is under the GPL: nothing of it is imported unless this step is chosen. A root
    stemmer without the GPL is `arabic_stem` with `stemmer = "isri"`. A step of Python: the exporter names it and leaves
    it, and all before it, to whoever asks the model.
    """

    name: str = "arabic_roots"

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from missing("name", "tashaphyne", "arabic_roots")

    def build(self) -> EachWord:
        return arabic_words(root)


@lru_cache(maxsize=100_000)
def root(word: str) -> str:
    """The likeliest root of a word, or nothing where none is found."""
    stemmer = _stemmer()
    stemmer.light_stem(word)
    found = str(stemmer.get_root())
    return found if found.isalpha() else ""


@cache
def _stemmer() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources hold escape sequences that Python warns of
        from tashaphyne.stemming import ArabicLightStemmer

    return ArabicLightStemmer()
