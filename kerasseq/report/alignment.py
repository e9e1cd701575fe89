"""Where a model looked while it wrote: a table of both texts, a cell the darker the more weight it has."""

# S pieces of the source, T pieces of the translation

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.report.markup import Html, inline, join, paragraph, runs, tag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Alignment", "alignments_table", "shaped"]

_JOINER = "\u200d"
_ALONE = frozenset("اأإآٱدذرزژوؤةىء")
"""Arabic letters that do not reach out to the next one."""


@dataclass(frozen=True)
class Alignment:
    """Attention over one text.

    Attributes:
        source: Its S pieces, as they stand in it: a blank between words belongs to one of them.
        target: The T pieces of the translation.
        weights: `(T, S)`, a row adds up to 1.
        where: `file:line`.
    """

    source: Sequence[str]
    target: Sequence[str]
    weights: NDArray[np.floating]
    where: str = ""


def alignments_table(alignments: Sequence[Alignment], languages: tuple[str, str] = ("", "")) -> Html:
    """A table for each text: its pieces above, in the order in which they are read, those of the translation beside.

    Args:
        alignments: Of some texts.
        languages: Of sources and translations; empty where unknown.
    """
    return tag("div", *(_article(each, languages) for each in alignments))


def _article(alignment: Alignment, languages: tuple[str, str]) -> Html:
    source, target = ("".join(pieces) for pieces in (alignment.source, alignment.target))
    texts = [paragraph(text, language) for text, language in zip((source, target), languages, strict=True)]
    place = [tag("p", alignment.where, class_="facts")] if alignment.where else []
    # Columns run as the source does: an Arabic sentence begins at the right, and what is too wide shows its beginning
    way = runs(source)
    letters = all(len(piece.strip()) < 2 for piece in alignment.source)
    kind = "letters" if letters else ""
    table = tag("table", _head(alignment, languages[0]), _body(alignment, languages[1]), dir=way, class_=kind)
    said = tag("p", "looked most at: ", _heaviest(alignment, languages), class_="facts")
    return tag("article", *place, *texts, tag("div", table, class_="scroll", dir=way), said, class_="alignment")


def _head(alignment: Alignment, language: str) -> Html:
    pieces = shaped(alignment.source)
    return tag("thead", tag("tr", tag("td", ""), *(tag("th", inline(one, language), scope="col") for one in pieces)))


def _body(alignment: Alignment, language: str) -> Html:
    rows = []
    for piece, weights in zip(shaped(alignment.target), alignment.weights, strict=True):
        cells = (tag("td", style=f"--w:{weight:.2f}", title=f"{weight:.2f}") for weight in weights)
        rows.append(tag("tr", tag("th", inline(piece, language), scope="row"), *cells))
    return tag("tbody", *rows)


def _heaviest(alignment: Alignment, languages: tuple[str, str]) -> Html:
    """Each piece of the translation with the piece of the source that has most weight, for those who see no shades."""
    sources, targets = (shaped(pieces) for pieces in (alignment.source, alignment.target))
    said = []
    for piece, weights in zip(targets, alignment.weights, strict=True):
        best = int(weights.argmax())
        said.append(
            join([inline(piece, languages[1]), " at ", inline(sources[best], languages[0]), f" {weights[best]:.0%}"])
        )
    return join(said, ", ")


def shaped(pieces: Sequence[str]) -> list[str]:
    """Pieces of a text as each is drawn by itself.

    An Arabic letter keeps the form that it has in its word, by a zero-width joiner where the word was cut; a mark that
    stands alone gets a circle to stand on, and a blank alone is made seen.

    >>> shaped(["the", " ", "cat"])
    ['the', '␣', 'cat']
    """
    found = []
    for place, piece in enumerate(pieces):
        shown = piece.strip() or ("␣" if piece else piece)
        if unicodedata.combining(shown[:1] or " "):
            found.append(f"◌{shown}")
            continue
        ends = (_JOINER if _joined("".join(pieces[:cut]), "".join(pieces[cut:])) else "" for cut in (place, place + 1))
        found.append(next(ends) + shown + next(ends))
    return found


def _joined(before: str, after: str) -> bool:
    """Whether the last letter before a cut holds on to the first one behind it; marks stand on letters."""
    last = next((letter for letter in reversed(before) if not unicodedata.combining(letter)), "")
    first = next((letter for letter in after if not unicodedata.combining(letter)), "")
    return _arabic(last) and last not in _ALONE and _arabic(first) and first != "ء"


def _arabic(letter: str) -> bool:
    return "\u0620" <= letter <= "\u06d3" and letter.isalpha()
