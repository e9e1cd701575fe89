"""The pattern of words, and what is known of its tokens before it is tried."""

from __future__ import annotations

from functools import cache

from kerasseq.patterns import Pattern, characters, parse, shapes
from kerasseq.patterns.classes import ranges
from kerasseq.tokenizers.known_tokens import KnownTokens

__all__ = ["KEYCAP", "PATTERN", "known_of", "known_tokens"]

_RUN = "[{letter}{mark}{digit}_][{letter}{mark}{digit}_\u200c\u200d]*"

_NO_LINKS = "|".join(
    (
        r"\[[a-z]{2,16}\]",
        shapes.EMOJI,
        f"[@#]{_RUN}",
        "[{digit}]+(?:[.,:/٫٬][{digit}]+)+",
        f"{_RUN}(?:['’]{_RUN})*",
        r"[:;=][\-'\^]?[\(\)]+|<3|\.\.+",
        "[^{space}{control}{invisible}{bidi}]",
    )
)

PATTERN = "|".join((shapes.LINK, shapes.EMAIL, _NO_LINKS))
"""The tokens, the first that fits from the left. One portable pattern, so that a deployed model cuts the same way."""

KEYCAP = "\u20e3"
_FAR = 0x2000  # beyond it stand symbols, and scripts that put no space between words


@cache
def known_tokens() -> KnownTokens:
    """Of texts of letters, marks, digits and underscores that begin nothing else, and of texts without links."""
    spans = [span for name in ("letter", "mark", "digit") for span in ranges(name)]
    words = {chr(point) for low, high in spans for point in range(low, min(high + 1, _FAR))}
    plain = (words | {"_"}) - characters("emoji") - {KEYCAP}
    return KnownTokens(parse(PATTERN), frozenset(plain), frozenset("./"), parse(_NO_LINKS))


def known_of(pattern: Pattern) -> KnownTokens | None:
    """What is known of the tokens of a pattern; None of any other than that of words."""
    return known_tokens() if pattern.source == PATTERN else None
