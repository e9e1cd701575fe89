"""What weighs most in a linear branch."""

from __future__ import annotations

from collections.abc import Sequence

from kerasseq.report.markup import Html, inline, number, tag

__all__ = ["heavy_table"]


def heavy_table(found: Sequence[Sequence[tuple[str, float]]], names: Sequence[str], language: str = "") -> Html:
    """A column for each answer, or for less and for more of a number.

    Args:
        found: N-grams with their weights, heaviest first, of each answer.
        names: The answers; empty for a number.
        language: BCP 47 tag of the texts; empty if unknown or mixed.
    """
    heads = [inline(name, language) for name in names] or [Html("lower"), Html("higher")]
    rows = []
    for place in range(max(map(len, found))):
        cells = []
        for column in found:
            if place < len(column):
                name, weight = column[place]
                cells.append(tag("td", inline(name.replace(" ", "\u2423"), language), tag("small", number(weight))))
            else:
                cells.append(tag("td", "–"))
        rows.append(tag("tr", *cells))
    head = tag("tr", *(tag("th", head, scope="col") for head in heads))
    caption = "Of an n-gram alone in its text; ␣ is the edge of a word."
    return tag("div", tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows)), class_="scroll")
