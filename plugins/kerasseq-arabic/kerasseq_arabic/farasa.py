"""`farasa`: words divided into prefixes, stem and suffixes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache, lru_cache, partial

from pydantic import Field

from kerasseq.plugin import EachWord, PreprocessorSpec
from kerasseq_arabic.extras import missing
from kerasseq_arabic.words import arabic_words

__all__ = ["Farasa", "segment"]


class Farasa(PreprocessorSpec):
    """Divide Arabic words by Farasa's segmenter (Abdelali et al., 2016): `والمدارس` to `و ال مدارس`.

    Needs the extra `farasa`, Java on the PATH, and at its first use a download of some 200 MB from QCRI, which farasapy
    does by itself. Farasa is free for research; other use asks QCRI. Words are looked at one by one. A step of Python:
    the exporter names it and leaves it, and all before it, to whoever asks the model.
    """

    name: str = "farasa"
    separator: str = Field(default=" ", min_length=1)
    """What stands between the parts of a word; `+` is Farasa's own."""

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from missing("name", "farasa", "farasa")
        if shutil.which("java") is None:
            yield "name", 'must have Java on the PATH for "farasa", got none; install a Java runtime, 8 or newer'

    def build(self) -> EachWord:
        return arabic_words(partial(segment, self.separator))


@lru_cache(maxsize=100_000)
def segment(separator: str, word: str) -> str:
    """The parts of a word, joined by `separator`."""
    return separator.join(_segment()(word).strip().split("+"))


@cache
def _segment() -> Callable[[str], str]:
    """The segmenter, which keeps a Java process of its own."""
    from farasa.segmenter import FarasaSegmenter

    method: Callable[[str], str] = FarasaSegmenter(interactive=True).segment
    return method
