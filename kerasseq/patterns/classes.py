"""Our own character classes: what `{letter}`, `{mark}` and the others stand for.

Most come from the general categories of `unicodedata`, once, when first used; from then on the ranges are the
definition. Gaps of unassigned code points inside a script belong to the class around them, so that a character of a
newer Unicode is mostly read as its neighbours are. Beyond U+FFFF `{letter}` is whole blocks of scripts, with their
punctuation: a hundred short ranges there would make every pattern three times slower. Emoji are no category: their
ranges are written here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

__all__ = ["NAMES", "SPACES", "characters", "merged", "ranges", "union"]

Ranges = tuple[tuple[int, int], ...]

_LAST = 0x323AF  # beyond it only variation selectors, tags and private use are assigned

_SPACE: Ranges = (
    (0x09, 0x0D),
    (0x20, 0x20),
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)
SPACES = "".join(chr(point) for low, high in _SPACE for point in range(low, high + 1))
"""White space, which parts a text into pieces."""

_LINE: Ranges = ((0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029))
_BIDI: Ranges = ((0x061C, 0x061C), (0x200E, 0x200F), (0x202A, 0x202E), (0x2066, 0x2069))
_CONTROL: Ranges = ((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F))
_VARIATION: Ranges = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_INVISIBLE: Ranges = (
    (0xAD, 0xAD),
    (0x034F, 0x034F),
    (0x180B, 0x180F),
    (0x200B, 0x200D),
    (0x2060, 0x2065),
    (0x206A, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0xE0000, 0xE007F),
    *_VARIATION,
)
_TONE: Ranges = ((0x1F3FB, 0x1F3FF),)
_FLAG: Ranges = ((0x1F1E6, 0x1F1FF),)
_TAG: Ranges = ((0xE0020, 0xE007F),)
_EMOJI: Ranges = (
    (0x203C, 0x203C),
    (0x2049, 0x2049),
    (0x2122, 0x2122),
    (0x2139, 0x2139),
    (0x2194, 0x2199),
    (0x21A9, 0x21AA),
    (0x231A, 0x231B),
    (0x2328, 0x2328),
    (0x23CF, 0x23CF),
    (0x23E9, 0x23F3),
    (0x23F8, 0x23FA),
    (0x24C2, 0x24C2),
    (0x25AA, 0x25AB),
    (0x25B6, 0x25B6),
    (0x25C0, 0x25C0),
    (0x25FB, 0x25FE),
    (0x2600, 0x27BF),
    (0x2934, 0x2935),
    (0x2B05, 0x2B07),
    (0x2B1B, 0x2B1C),
    (0x2B50, 0x2B50),
    (0x2B55, 0x2B55),
    (0x3030, 0x3030),
    (0x303D, 0x303D),
    (0x3297, 0x3297),
    (0x3299, 0x3299),
    (0x1F000, 0x1F0FF),
    (0x1F170, 0x1F171),
    (0x1F17E, 0x1F17F),
    (0x1F18E, 0x1F18E),
    (0x1F191, 0x1F19A),
    (0x1F201, 0x1F265),
    (0x1F300, 0x1FAFF),
)

_FIXED: dict[str, Ranges] = {
    "any": ((0x0, 0x10FFFF),),
    "space": _SPACE,
    "otherspace": tuple(r for r in _SPACE if r != (0x20, 0x20)),
    "line": _LINE,
    "blank": ((0x09, 0x09), (0x20, 0x20), (0xA0, 0xA0), *_SPACE[4:6], *_SPACE[7:]),
    "bidi": _BIDI,
    "control": _CONTROL,
    "invisible": _INVISIBLE,
    "emoji": _EMOJI,
    "flag": _FLAG,
    "tone": _TONE,
    "tag": _TAG,
}
_FAR_LETTERS: Ranges = ((0x10000, 0x1CEFF), (0x1D400, 0x1D7FF), (0x1DF00, 0x1EEFF), (0x20000, 0x3FFFF))
_CATEGORIES = {"letter": "L", "mark": "M", "digit": "Nd"}

NAMES = {
    "any": "every code point",
    "letter": "letters of every script, tatweel included (categories L*)",
    "mark": "combining marks: harakat, accents, vowel signs (categories M*, without variation selectors)",
    "digit": "decimal digits of every script (category Nd)",
    "alnum": "what Python's `\\w` holds: letters, every kind of number, the underscore; no marks",
    "space": "white space, no-break and line separators included",
    "otherspace": "white space but for U+0020",
    "line": "line and page ends",
    "blank": "white space without line ends",
    "control": "control characters that are no white space",
    "invisible": "soft hyphen, zero-width characters, joiners, variation selectors, tags, byte order mark",
    "bidi": "marks, embeddings, overrides and isolates of the bidirectional algorithm",
    "emoji": "one pictograph, skin tones included",
    "flag": "regional indicators, two of which make a flag",
    "tone": "skin tones",
    "tag": "tag characters, which spell the flags of regions",
}
"""Every named class, and what it holds in words."""


def merged(points: Iterable[int]) -> Ranges:
    """Ascending code points as ranges: `[1, 2, 3, 7]` -> `((1, 3), (7, 7))`."""
    out: list[tuple[int, int]] = []
    for point in points:
        if out and point == out[-1][1] + 1:
            out[-1] = (out[-1][0], point)
        else:
            out.append((point, point))
    return tuple(out)


def union(spans: Iterable[tuple[int, int]]) -> Ranges:
    """Ranges in any order, overlapping or not, as the fewest ascending ones."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return tuple(out)


@cache
def _categories() -> tuple[str, ...]:
    return tuple(map(unicodedata.category, map(chr, range(_LAST + 1))))


def _of_category(prefix: str) -> Iterator[int]:
    variation = {p for low, high in _VARIATION for p in range(low, high + 1)}
    gap: list[int] = []
    inside = False
    for point, category in enumerate(_categories()):
        if category == "Cn":
            gap.append(point)
            continue
        member = category.startswith(prefix) and point not in variation
        if member:
            if inside:
                yield from gap
            yield point
        inside = member
        gap = []


@cache
def ranges(name: str) -> Ranges:
    """The ranges of a named class, ascending, both ends included.

    Raises:
        KeyError: There is no such class; `NAMES` lists them.
    """
    if name in _FIXED:
        return union(_FIXED[name])
    if name == "alnum":
        return merged(p for p in range(_LAST + 1) if chr(p).isalnum() or chr(p) == "_")
    found = merged(_of_category(_CATEGORIES[name]))
    return union([*(r for r in found if r[1] <= 0xFFFF), *_FAR_LETTERS]) if name == "letter" else found


def characters(name: str) -> frozenset[str]:
    """The characters of a named class, for tests and for maps over a whole class."""
    return frozenset(chr(p) for low, high in ranges(name) for p in range(low, high + 1))
