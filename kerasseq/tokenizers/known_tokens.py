"""What is known of a pattern's tokens before it is tried on a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kerasseq.patterns import Pattern
from kerasseq.patterns.found import Found

__all__ = ["KnownTokens"]

_NOT_PLAIN, _RARE = 1, 2


class KnownTokens:
    """Cuts many texts by a pattern, the easy ones without it.

    Args:
        pattern: What cuts.
        plain: Characters any text of which, but for the empty one, is one token.
        rare: Characters without any of which `without` cuts a text as `pattern` does.
        without: A shorter pattern.
    """

    def __init__(self, pattern: Pattern, plain: frozenset[str], rare: frozenset[str], without: Pattern) -> None:
        self._cut, self._cut_sooner = pattern.regex.findall, without.regex.findall
        marks = {**dict.fromkeys(plain, 0), **dict.fromkeys(rare, _NOT_PLAIN | _RARE)}
        self._found = Found(marks, others=_NOT_PLAIN)

    def each(self, texts: Sequence[str]) -> list[Callable[[str], list[str]] | None]:
        """What cuts each text: None one that is a token, or nothing."""
        cuts = (None, self._cut_sooner, self._cut_sooner, self._cut)
        return [cuts[marks] for marks in self._found(texts)]
