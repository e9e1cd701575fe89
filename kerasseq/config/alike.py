"""Names that a person reads as one and a program does not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

__all__ = ["alike", "hidden"]


def alike(names: Iterable[str]) -> list[list[str]]:
    """Groups of names that differ in case, in marks, in white space or in characters that nobody sees.

    >>> alike(["positive", "Positive", "neutral", "محايد", "مُحايد"])
    [['positive', 'Positive'], ['محايد', 'مُحايد']]
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_read(name), []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def hidden(name: str) -> str:
    """The characters of a name that nobody sees, as ` (with U+200F)`; nothing where there are none.

    >>> hidden("neutral\u200b"), hidden("neutral")
    (' (with U+200B)', '')
    """
    found = dict.fromkeys(f"U+{ord(c):04X}" for c in name if unicodedata.category(c) in ("Cf", "Cc"))
    return f" (with {', '.join(found)})" if found else ""


def _read(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = (c for c in plain if unicodedata.category(c) not in ("Mn", "Cf", "Cc"))
    return " ".join("".join(kept).split())
