"""The spans that tags write, as the shared tasks of CoNLL count them."""

from __future__ import annotations

from collections.abc import Sequence

from kerasseq.corpus.tag_schemes import OUTSIDE, cut

__all__ = ["Span", "spans"]

Span = tuple[int, int, str]
"""First token, the one behind the last, and the type."""


def spans(tags: Sequence[str]) -> list[Span]:
    """The spans of one sentence, from left to right, of every scheme.

    The rules are those of the script conlleval (Tjong Kim Sang, 2000), with S- for a span of one token: tags that break
    their scheme have a meaning too, an I- after another type begins a span.

    >>> spans(["B-PER", "I-PER", "I-LOC", "O", "I-LOC"])
    [(0, 2, 'PER'), (2, 3, 'LOC'), (4, 5, 'LOC')]
    """
    found: list[Span] = []
    start, before, kind = 0, OUTSIDE, ""
    for i, (place, now) in enumerate([*map(cut, tags), (OUTSIDE, "")]):
        if before != OUTSIDE and (before in "ES" or place in "BSO" or now != kind):
            found.append((start, i, kind))
            start = i
        elif before == OUTSIDE:
            start = i
        before, kind = place, now
    return found
