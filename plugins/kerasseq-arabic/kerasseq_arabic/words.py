"""Arabic words of a text, one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kerasseq.plugin import EachWord

__all__ = ["arabic_words"]

_PIECE = r"\[[^\[\]{space}]+\]|[{letter}{mark}{digit}_]+"
_WORD = "[\u0621-\u065f\u066e-\u06d3\u06d5]+"


def arabic_words(change: Callable[[str], str]) -> EachWord:
    """Change every word of Arabic letters and their marks; leave everything else, and what stands in square brackets.

    Args:
        change: A word to another, a picklable function. Where nothing comes out, the word stays.
    """
    return EachWord(partial(_or_itself, change), _PIECE, _WORD)


def _or_itself(change: Callable[[str], str], word: str) -> str:
    return change(word) or word
