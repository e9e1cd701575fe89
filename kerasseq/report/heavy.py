"""What weighs most: in a linear branch, of all and in one text; and which words a network's answer hangs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.report.markup import Html, inline, join, number, tag

if TYPE_CHECKING:
    from kerasseq_runtime.explanation import WeighedWord

    from kerasseq.corpus.samples import Samples
    from kerasseq.pipelines.pipeline import Pipeline

__all__ = ["SHOWN", "Weighed", "heavy_table", "moved_by", "occluded_cell", "weighed_cell"]

SHOWN = 4
"""N-grams, or words, of a text that stand beside it."""


@dataclass(frozen=True)
class Weighed:
    """What is known to have moved an answer.

    Attributes:
        name: The head of its column.
        said: What the numbers are, a sentence.
        cells: Of rows, a cell each; nothing at all where there is nothing to show.
    """

    name: str
    said: str
    cells: Callable[[Sequence[int]], list[Html]]


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
) -> Weighed | None:
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

    said = f"The {branch.noun} that moved the prediction most, and by how much; \u2423 is the edge of a word."
    return Weighed(branch.noun, said, lambda rows: list(map(cell, rows)))


def occluded_cell(
    occluded: Callable[[Sequence[int]], Sequence[tuple[Sequence[WeighedWord], int]]] | None, language: str = ""
) -> Weighed | None:
    """For `Mistakes.weighed`: of a row the words without which its answer loses or gains most; None without any.

    Args:
        occluded: As of `Tested`.
        language: As of `heavy_table`.
    """
    if occluded is None:
        return None

    def cell(words: Sequence[WeighedWord], left: int) -> Html:
        heavy = sorted((word for word in words if word.weight), key=lambda word: -abs(word.weight))[:SHOWN]
        shown = [tag("span", inline(word.word, language), " ", tag("small", _signed(word.weight))) for word in heavy]
        if left:
            shown.append(tag("small", f"{left:,} words not weighed"))
        return tag("div", join(shown, Html("<br>")) if shown else "–")

    said = "The words without which the prediction loses most, and how much of it; below 0 it gains."

    def cells(rows: Sequence[int]) -> list[Html]:
        found = [cell(*each) for each in occluded(rows)]
        return found + [tag("div", "–")] * (len(rows) - len(found)) if found else []

    return Weighed("words", said, cells)


def moved_by(name: str, by: float, language: str) -> Html:
    """An n-gram and what it added to an answer."""
    return tag("span", _ngram(name, language), " ", tag("small", f"{by:+.2f}"))


def _signed(by: float) -> str:
    return f"{'-' if by < 0 else '+'}{number(abs(by))}"


def _ngram(name: str, language: str) -> Html:
    return inline(name.replace(" ", "\u2423") if _has_edge(name) else name, language)


def _has_edge(name: str) -> bool:
    """Whether it is of a text, and touches the end of a word."""
    return name != name.strip(" ")
