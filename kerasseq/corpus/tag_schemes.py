"""How tags write spans: which scheme sentences follow, which neighbours it allows, and where they break it.

`bio` begins every span with B- (Tjong Kim Sang & Veenstra, 1999: IOB2). `iob1` begins one so only where it follows
another of its type (Ramshaw & Marcus, 1995); sentences with I- alone are of it. `bioes` ends spans with E- and writes
those of one token as S-. `none` is a tag for each token that means no span, as parts of speech.
"""

# K tags

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["OUTSIDE", "Scheme", "allowed", "cut", "faults", "scheme_of"]

Scheme: TypeAlias = Literal["bio", "iob1", "bioes", "none"]

OUTSIDE = "O"
"""The tag of a token in no span."""

_OPEN = frozenset("BI")
"""After these a span of one type may go on."""
_INSIDE = {"bio": frozenset("I"), "iob1": frozenset("B"), "bioes": frozenset("IE")}
"""Tags that need one of the same type that is open before them."""


def cut(tag: str) -> tuple[str, str]:
    """The place of a token in its span, and the span's type; ("O", "") for a token in none.

    >>> cut("B-creative-work"), cut("I"), cut("O"), cut("NOUN")
    (('B', 'creative-work'), ('I', '_'), ('O', ''), ('O', ''))
    """
    place, dash, kind = tag.partition("-")
    if place in ("B", "I", "E", "S") and (kind or not dash):
        return place, kind or "_"
    return OUTSIDE, ""


def scheme_of(sentences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme that sentences of tags follow, or nearly follow.

    One tag that no scheme of spans has makes it `none`. With E- or S- it is `bioes`. Else it is `iob1` where some I-
    begins a span and every B- follows a token of its type; and `bio` in all other cases.

    >>> scheme_of([["B-PER", "I-PER", "O"]]), scheme_of([["I-NP", "B-NP"]]), scheme_of([["S-X"]]), scheme_of([["NOUN"]])
    ('bio', 'iob1', 'bioes', 'none')
    """
    places: set[str] = set()
    begun = free = 0  # spans that an I- begins; B- that IOB1 would have written as I-
    for tags in sentences:
        before = (OUTSIDE, "")
        for tag in tags:
            place, kind = now = cut(tag)
            if place == OUTSIDE and tag != OUTSIDE:
                return "none"
            places.add(place)
            begun += place == "I" and before[1] != kind
            free += place == "B" and before[1] != kind
            before = now
    if not places - {OUTSIDE}:
        return "none"
    if places & {"E", "S"}:
        return "bioes"
    return "iob1" if begun and not free else "bio"


def allowed(tags: Sequence[str], scheme: Scheme) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which tags may begin a sentence `(K,)`, follow each other `(K, K)` from row to column, and end one `(K,)`.

    >>> start, moves, end = allowed(["O", "B-X", "I-X"], "bio")
    >>> start.tolist(), moves[0].tolist(), end.tolist()
    ([True, True, False], [True, True, False], [True, True, True])
    """
    import numpy as np

    start = [not _fault(None, tag, scheme) for tag in tags]
    moves = [[not _fault(tag, after, scheme) for after in tags] for tag in tags]
    end = [not _fault(tag, None, scheme) for tag in tags]
    return (
        np.array(start, dtype=bool),
        np.array(moves, dtype=bool).reshape(len(tags), len(tags)),
        np.array(end, dtype=bool),
    )


def faults(tags: Sequence[str], scheme: Scheme) -> list[tuple[int, str]]:
    """Where a sentence breaks its scheme: the token's number from 0, and the rule with what was found.

    >>> faults(["O", "I-PER"], "bio")
    [(1, 'I-PER must follow B-PER or I-PER, got O before it')]
    """
    pairs = zip((None, *tags), (*tags, None), strict=True)
    found = ((i, _fault(before, tag, scheme)) for i, (before, tag) in enumerate(pairs))
    return [(min(i, len(tags) - 1), message) for i, message in found if message]


def _fault(before: str | None, tag: str | None, scheme: Scheme) -> str:
    """What is wrong with one tag after another, or nothing; None is the edge of a sentence."""
    if scheme == "none":
        return ""
    place, kind = cut(before or OUTSIDE)
    now, type_now = cut(tag or OUTSIDE)
    opened = place in _OPEN and kind == type_now
    if now in _INSIDE[scheme] and not opened:
        found = before or "the start of the sentence"
        return f"{tag} must follow {_written('B', type_now)} or {_written('I', type_now)}, got {found} before it"
    if scheme == "bioes" and place in _OPEN and not (now in _INSIDE[scheme] and opened):
        found = tag or "the end of the sentence"
        return f"{before} must be followed by {_written('I', kind)} or {_written('E', kind)}, got {found}"
    return ""


def _written(place: str, kind: str) -> str:
    return place if kind == "_" else f"{place}-{kind}"
