"""A preprocessor that changes words one by one, by a function of Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kerasseq.patterns import parse
from kerasseq.preprocessors.rules import Preprocessor

__all__ = ["EachWord"]


class EachWord(Preprocessor):
    r"""Change every word of one kind by a function, and leave everything else.

    A text is cut from the left into pieces, and a piece changes where all of it is a word: no part of a longer piece
    does, and nothing inside a placeholder that is a piece.

    Args:
        change: A word to what stands in its place, picklable: a function of a module, or a `functools.partial` of one.
        piece: What stands together, in the language of `kerasseq.patterns`.
        word: Which pieces change, in the same language.

    Raises:
        UsageError: A pattern is not portable.

    >>> EachWord(str.upper, r"\[[a-z]+\]|[{letter}{digit}]+", "[a-z]+")(["one b2 [url], two"])
    ['ONE b2 [url], TWO']
    """

    def __init__(self, change: Callable[[str], str], piece: str, word: str) -> None:
        self._change = change
        self._piece, self._word = parse(piece), parse(word)

    def __call__(self, texts: Sequence[str]) -> list[str]:
        change, is_word = self._change, self._word.regex.fullmatch

        def changed(found: re.Match[str]) -> str:
            piece = found[0]
            return change(piece) if is_word(piece) else piece

        sub = self._piece.regex.sub
        return [sub(changed, text) for text in texts]
