"""Arabic words of a text, one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kerasseq.patterns import parse
from kerasseq.preprocessors.rules import Preprocessor

__all__ = ["EachWord"]

_WORD = r"\[[^\[\]{space}]+\]|[{letter}{mark}{digit}_]+"
_ARABIC = re.compile("[\u0621-\u065f\u066e-\u06d3\u06d5]+")


class EachWord(Preprocessor):
    """Change every word of Arabic letters and their marks; leave everything else, and what stands in square brackets.

    Args:
        change: A word to another, a picklable function. Where nothing comes out, the word stays.
    """

    def __init__(self, change: Callable[[str], str]) -> None:
        self._change = change

    def __call__(self, texts: Sequence[str]) -> list[str]:
        sub = parse(_WORD).regex.sub
        return [sub(self._changed, text) for text in texts]

    def _changed(self, found: re.Match[str]) -> str:
        word = found[0]
        return self._change(word) or word if _ARABIC.fullmatch(word) else word
