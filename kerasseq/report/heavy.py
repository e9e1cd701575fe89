"""What weighs most in a linear branch, of all and in one text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kerasseq.report.markup import Html, inline, join, number, tag

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples
    from kerasseq.pipelines.pipeline import Pipeline

__all__ = ["SHOWN", "heavy_table", "moved_by", "weighed_cell"]

SHOWN = 4
"""N-grams of a text that stand beside it."""


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
                cells.append(tag("td", _ngram(name, language), tag("small", number(weight))))
            else:
                cells.append(tag("td", "–"))
        rows.append(tag("tr", *cells))
    head = tag("tr", *(tag("th", head, scope="col") for head in heads))
    edges = any(_has_edge(name) for column in found for name, _ in column)
    alone = "Of an n-gram alone in its text; ␣ is the edge of a word."
    caption = alone if edges else "Of one deviation above the mean."
    return tag("div", tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *rows)), class_="scroll")


def weighed_cell(
    pipeline: Pipeline, samples: Samples, places: Sequence[int], factor: float, language: str = ""
) -> tuple[str, Callable[[int], Html]] | None:
    """For `Mistakes.weighed`: of a row the n-grams that moved its answer most, and by how much; None without any.

    Args:
        pipeline: With a linear branch, or without.
        samples: The rows.
        places: Which of the branch's numbers the answer to each row is.
        factor: Of the branch in the answers.
        language: As of `heavy_table`.
    """
    branch = pipeline.wide
    if branch is None or not factor:
        return None

    def cell(row: int) -> Html:
        [text] = pipeline.wide_rows(samples.take([row]))
        found = branch.weighed(text, int(places[row]), SHOWN)
        moved = (moved_by(name, factor * by, language) for name, by in found)
        return tag("div", join(moved, Html("<br>")) if found else "–")

    return branch.noun, cell


def moved_by(name: str, by: float, language: str) -> Html:
    """An n-gram and what it added to an answer."""
    return tag("span", _ngram(name, language), " ", tag("small", f"{by:+.2f}"))


def _ngram(name: str, language: str) -> Html:
    return inline(name.replace(" ", "\u2423") if _has_edge(name) else name, language)


def _has_edge(name: str) -> bool:
    """Whether it is of a text, and touches the end of a word."""
    return name != name.strip(" ")
