"""Maps drawn once from `unicodedata`; from then on they are the definition."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import permutations

from kerasseq.patterns import characters
from kerasseq.preprocessors.rules import Replace

__all__ = ["casefold", "compatibility", "composition", "hamza"]

_POINTS = range(0x323B0)  # beyond it nothing has a mapping
_HANGUL = range(0xAC00, 0xD7A4)
_HARAKAT = "\u064b-\u0652\u0670"
_HAMZA = (
    ("ا", "\u0653", "آ"),
    ("ا", "\u0654", "أ"),
    ("ا", "\u0655", "إ"),
    ("و", "\u0654", "ؤ"),
    ("ي", "\u0654", "ئ"),
    ("ى", "\u0654", "ئ"),
    ("ی", "\u0654", "ئ"),
)


@cache
def casefold() -> dict[str, str]:
    """Full case folding of every character but emoji."""
    kept = characters("emoji")
    return {c: c.casefold() for c in map(chr, _POINTS) if c != c.casefold() and c not in kept}


def _compatible(c: str) -> str:
    value = unicodedata.normalize("NFKC", c)
    if value == c or not value.startswith(" ") or len(value) == 1:
        return value
    # a spacing accent: NFKC makes it a space that carries marks, which would cut words
    return value[1:] if "\ufb50" <= c <= "\ufeff" else c


@cache
def compatibility() -> dict[str, str]:
    """What NFKC gives for single characters, but for emoji and spacing accents."""
    kept = characters("emoji")
    both = ((c, _compatible(c)) for c in map(chr, _POINTS) if c not in kept and not 0xD800 <= ord(c) <= 0xDFFF)
    return {c: value for c, value in both if c != value}


def _spellings(composed: str) -> Iterator[str]:
    base, *marks = list(unicodedata.normalize("NFD", composed))
    for order in permutations(marks):
        for taken in range(len(order)):
            head = unicodedata.normalize("NFC", base + "".join(order[:taken]))
            spelling = head + "".join(order[taken:])
            if unicodedata.normalize("NFC", spelling) == composed:
                yield spelling


@cache
def composition() -> dict[str, str]:
    """Base and marks, in any order, to the one character that canonical composition gives; Hangul left out."""
    composed = (c for p in _POINTS if p not in _HANGUL and unicodedata.decomposition(c := chr(p)))
    whole = (c for c in composed if len(unicodedata.normalize("NFD", c)) > 1 and unicodedata.normalize("NFC", c) == c)
    return {spelling: c for c in whole for spelling in _spellings(c)}


def hamza() -> list[Replace]:
    """Compose a hamza or madda with its carrier, also across harakat: decomposed text puts those between."""
    return [
        Replace(f"{base}([{_HARAKAT}]*){mark}", rf"{composed}\1", only_with=mark) for base, mark, composed in _HAMZA
    ]
