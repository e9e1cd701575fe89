"""Tags that write no span among many that do: what they may have been meant as."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kerasseq.config.alike import inline
from kerasseq.corpus.tag_schemes import OUTSIDE, cut

__all__ = ["meant", "odd_tags", "said"]

MOST = 12
"""Tags that a message names."""

PLACES = {"L": "E", "U": "S", "W": "S", "M": "I"}
"""What other schemes (BILOU, BMEWO, BMES) write for the last token of a span, its only one, and one within."""

_SPAN = re.compile(r"\s*([BIESLUWM])(?:\s*[-_/.:]\s*(\S+))?\s*", re.IGNORECASE)


def meant(tag: str) -> str:
    """The tag of `bioes` that another may stand for; nothing where there is none.

    >>> meant("U-PER"), meant("B_PER"), meant("M"), meant("0"), meant("NOUN")
    ('S-PER', 'B-PER', 'I', 'O', '')
    """
    if tag.strip() in ("0", "o", OUTSIDE):
        return OUTSIDE
    found = _SPAN.fullmatch(tag)
    if found is None or (not found[2] and found[1].islower()):
        return ""
    place = found[1].upper()
    place = PLACES.get(place, place)
    return f"{place}-{found[2]}" if found[2] else place


def odd_tags(tags: Iterable[str]) -> dict[str, str]:
    """The tags for which all of them count as no spans, where most are written as spans are: each with what it may be
    meant as, see `meant`.

    >>> odd_tags(["O", "B-PER", "I-PER", "0"]), odd_tags(["NOUN", "VERB", "I"]), odd_tags(["O", "B-PER", "I-PER"])
    ({'0': 'O'}, {}, {})
    >>> odd_tags(["B", "I", "O", "0"]), odd_tags(["NOUN", "VERB", "B", "I", "O"])
    ({'0': 'O'}, {})
    """
    known = sorted({*tags} - {OUTSIDE})
    odd = {tag: meant(tag) for tag in known if cut(tag)[0] == OUTSIDE}
    spans = [tag for tag in known if cut(odd.get(tag, tag))[0] != OUTSIDE]
    without = [tag for tag, other in odd.items() if not other]
    places = {odd.get(tag, tag) for tag in spans}
    scheme = any("-" in place for place in places) or {"B", "E"} <= places or ({"B", "I"} <= places and not without)
    return odd if scheme and len(spans) > len(without) else {}


def said(odd: dict[str, str]) -> str:
    """What to do about `odd_tags`, for a person."""
    names = ", ".join(f'"{tag}"' for tag in [*odd][:MOST]) + (f" and {len(odd) - MOST} more" if len(odd) > MOST else "")
    merge: dict[str, list[str]] = {}
    for tag, other in odd.items():
        if other:
            merge.setdefault(other, []).append(tag)
    hints = [f"task.merge = {inline(merge)} reads them as spans"] if merge else []
    if not all(odd.values()):
        hints.append('task.scheme = "bio", or another, reads what is no span as O')
    hints.append('task.scheme = "none" if no span is meant')
    return f"most tags write spans, {names} do not, so that no span is scored; {'; '.join(hints)}"
