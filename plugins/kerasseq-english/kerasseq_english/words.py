"""Words of a text, one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kerasseq.plugin import EachWord

__all__ = ["english_words"]

_RUN = "[{letter}{mark}{digit}_]+"
_PIECE = rf"\[[a-z]+\]|{_RUN}(?:['’]{_RUN})*"
_WORD = "[A-Za-z]+(?:['’][A-Za-z]+)*"


def english_words(change: Callable[[str], str]) -> EachWord:
    """Change every word of ASCII letters, apostrophes inside included; leave everything else, `[url]` too.

    Args:
        change: A word to another, a picklable function; `’` comes as `'`.
    """
    return EachWord(partial(_with_plain_apostrophes, change), _PIECE, _WORD)


def _with_plain_apostrophes(change: Callable[[str], str], word: str) -> str:
    return change(word.replace("’", "'"))
