"""Names that a person reads as one and a program does not."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["alike", "hidden", "inline", "like", "merges"]


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


def like(name: str, names: Iterable[str]) -> str:
    """Which of `names` reads like `name`, for a message; nothing where none does.

    >>> like("positive\u200f", ["negative", "positive"]), like("neutral", ["negative", "positive"])
    (' (with U+200F), which reads like "positive"', '')
    """
    other = next((each for each in names if each != name and _read(each) == _read(name)), None)
    return hidden(name) if other is None else f'{hidden(name)}, which reads like "{other}"{hidden(other)}'


def merges(counts: Mapping[str, int]) -> dict[str, list[str]]:
    r"""What reads alike, as `task.merge` says it: the most frequent name that has nothing hidden, and the others.

    Args:
        counts: Name -> rows.

    >>> merges({"positive\u200f": 9, "positive": 7, "Positive": 2, "no": 4})
    {'positive': ['positive\u200f', 'Positive']}
    """
    found = {}
    for names in alike(counts):
        kept = min(names, key=lambda name: (bool(hidden(name)), -counts[name]))
        found[kept] = [name for name in names if name != kept]
    return found


def inline(merge: Mapping[str, Sequence[str]]) -> str:
    r"""The value of `task.merge` in TOML, on one line; what nobody sees is written by its number.

    >>> print(inline({"neutral": ["neutral\u200b", "Neutral"]}))
    { neutral = ["neutral\U0000200b", "Neutral"] }
    """
    said = (f"{_key(name)} = [{', '.join(map(_string, others))}]" for name, others in merge.items())
    return f"{{ {', '.join(said)} }}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _string(name)


def _string(name: str) -> str:
    """As TOML reads it; letters as they are."""
    said = json.dumps(name, ensure_ascii=False)
    unseen = ("Cf", "Cc")
    return "".join(f"\\U{ord(c):08x}" if unicodedata.category(c) in unseen else c for c in said)


def _read(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = (c for c in plain if unicodedata.category(c) not in ("Mn", "Cf", "Cc"))
    return " ".join("".join(kept).split())
