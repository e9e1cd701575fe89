"""The rule that replaces matches of a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kerasseq.errors import UsageError
from kerasseq.patterns import NAMES, SPACES, Pattern, characters, parse

__all__ = ["Replace", "Step", "any_of", "guarded", "verbatim"]

Step = Callable[[str], str]

_ENDS = re.compile(rf"\{{start\}}\{{({'|'.join(NAMES)})\}}\+\|\{{\1\}}\+\{{end\}}")
"""A pattern that trims both ends, which `str.strip` does sooner."""

_WHITE = re.compile(r"(?: |\{(?:space|otherspace|blank|line)\}|[+*?|])+")
"""A pattern of white space alone."""


def any_of(characters: str) -> re.Pattern[str]:
    """A fast pattern for one of `characters`; if some are beyond U+FFFF, it matches everything there."""
    near = "".join(c for c in characters if c <= "\uffff")
    far = "" if len(near) == len(characters) else "\U00010000-\U0010ffff"
    return re.compile(f"[{re.escape(near)}{far}]")


def _holds_any(characters: str) -> Callable[[str], object]:
    """A fast test whether a text may hold one of `characters`."""
    if len(characters) == 1:
        return lambda text: characters in text
    return any_of(characters).search


def guarded(characters: str, step: Step) -> Step:
    """`step`, run only on texts that hold one of `characters`; on every text where there are none."""
    if not characters:
        return step
    holds = _holds_any(characters)
    return lambda text: step(text) if holds(text) else text


def verbatim(text: str) -> str:
    r"""`text` as a replacement that gives exactly it: `verbatim(r"\1")` is `\\1`."""
    return text.replace("\\", "\\\\")


@dataclass(frozen=True)
class Replace:
    r"""Replace every match of a portable pattern.

    Attributes:
        pattern: In the language of `kerasseq.patterns`.
        replacement: Text, with `\1` to `\9` for groups (empty where a group took no part) and `\\` for a backslash.
        only_with: Speed only: characters without any of which the rule changes nothing. Empty means always look.
        sign: Speed only: a short pattern without a match of which the rule changes nothing, for a pattern that is long
            where its characters are frequent.

    >>> Replace("([0-9]+) ?km", r"\1 kilometres").step()("3km")
    '3 kilometres'
    """

    pattern: str
    replacement: str
    only_with: str = ""
    sign: str = ""

    def __post_init__(self) -> None:
        groups = self.compiled.regex.groups
        for found in re.finditer(r"\\(.?)", self.replacement, re.DOTALL):
            number = found[1]
            if number != "\\" and not (number in "123456789" and number and int(number) <= groups):
                raise UsageError(
                    f"replacement {self.replacement!r}: must name a group from \\1 to \\{min(groups, 9)} "
                    f"or be escaped as \\\\, got {found[0]!r}"
                )

    @property
    def compiled(self) -> Pattern:
        """The checked pattern, for Python and for RE2."""
        return parse(self.pattern)

    @property
    def wakers(self) -> frozenset[str] | None:
        """Characters without any of which the rule changes nothing; None where it may change any text."""
        if not self.only_with and (_WHITE.fullmatch(self.pattern) or self._trims):
            return frozenset(SPACES)
        return frozenset(self.only_with) or None

    @property
    def _trims(self) -> bool:
        """Whether it replaces white space at both ends."""
        ends = _ENDS.fullmatch(self.pattern)
        return ends is not None and _WHITE.fullmatch(f"{{{ends[1]}}}") is not None

    @property
    def writes(self) -> str:
        """Characters that a changed text may hold though the text before did not."""
        return re.sub(r"\\(.)", lambda found: "\\" if found[1] == "\\" else "", self.replacement)

    @property
    def by_pieces(self) -> bool:
        """Whether the pieces of a text between white space become what they become alone, and stay parted."""
        if self._trims:
            return not self.replacement
        if _WHITE.fullmatch(self.pattern):
            return self.replacement.strip(SPACES) == "" != self.replacement
        return not self.compiled.touches(SPACES)

    def step(self) -> Step:
        """A function on one text."""
        ends = _ENDS.fullmatch(self.pattern)
        if ends is not None and not self.replacement:
            trimmed = "".join(sorted(characters(ends[1])))
            return guarded(self.only_with, lambda text: text.strip(trimmed))
        sub, replacement = self.compiled.regex.sub, self.replacement
        if self.sign:
            shows = parse(self.sign).regex.search
            return lambda text: sub(replacement, text) if shows(text) else text
        return guarded(self.only_with, lambda text: sub(replacement, text))
