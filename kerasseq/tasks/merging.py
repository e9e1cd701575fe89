"""`task.merge`: other spellings of a class or of a tag, which are read as it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from kerasseq.config.alike import hidden

__all__ = ["Merge", "check_merge", "others_of", "shown"]

Merge: TypeAlias = dict[str, tuple[str, ...]]
"""Name -> its other spellings."""


def check_merge(merge: Merge, what: str, kept: Mapping[str, Collection[str]]) -> None:
    """Nothing, where each spelling is read as one name.

    Args:
        merge: The setting.
        what: `class` or `tag`.
        kept: Other setting -> the names that it says, which must stay.

    Raises:
        ValueError: A spelling is read as two names, or a name that must stay as another one.
    """
    others = [name for names in merge.values() for name in names]
    twice = next((name for name in others if others.count(name) > 1 or name in merge), None)
    if twice is not None:
        raise ValueError(f'merge must read each spelling as one {what}, got "{twice}" twice')
    wrong = next((name for name in others for names in kept.values() if name in names), None)
    if wrong is not None:
        hint = f"remove it there, or from {' and '.join(kept)}"
        raise ValueError(f'merge reads "{wrong}" as another {what}; {hint}')


def others_of(merge: Merge) -> dict[str, str]:
    """Other spelling -> the name that it is read as.

    >>> others_of({"good": ("Good", "GOOD")})
    {'Good': 'good', 'GOOD': 'good'}
    """
    return {other: kept for kept, names in merge.items() for other in names}


def shown(others: Mapping[str, str]) -> str:
    """Which spelling is read as which, the first of them.

    >>> shown({"Good": "good", "good\\u200f": "good"})
    'Good as good, good\\u200f (with U+200F) as good'
    """
    return ", ".join(f"{value}{hidden(value)} as {kept}" for value, kept in list(others.items())[:5])
