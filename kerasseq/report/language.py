"""What a language model makes of texts: the ones that it least expected, and what it writes."""

# N passages

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.report.markup import Html, join, number, paragraph, shorten, tag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.corpus.samples import Samples

__all__ = ["Written", "classes_table", "surprising", "written_table"]

_ROWS = 10


@dataclass(frozen=True)
class Written:
    """What a model writes by one search.

    Attributes:
        name: Of the search.
        note: What is to be seen.
        texts: Some of the texts.
        diversity: See `kerasseq.metrics.diversity`.
        perplexity: Of the texts, as the model sees them.
    """

    name: str
    note: str
    texts: Sequence[str]
    diversity: Mapping[str, float]
    perplexity: float


_MEASURES = {
    "distinct_2": "distinct pairs",
    "repetition_4": "repeated fours",
    "self_bleu_4": "self-BLEU",
}


def classes_table(rows: Mapping[str, Sequence[str]], language: str) -> Html:
    """A few texts of each class that writes."""
    body = [
        tag(
            "tr",
            tag("th", tag("bdi", name), scope="row"),
            tag("td", *(paragraph(shorten(text, 200), language) for text in texts)),
        )
        for name, texts in rows.items()
    ]
    head = tag("tr", tag("th", "class", scope="col"), tag("th", "texts", scope="col"))
    caption = "Texts that the model wrote from nothing, each class by itself."
    return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))


def written_table(rows: Sequence[Written], language: str) -> Html:
    """How varied the texts of several searches are, and the first of each."""
    heads = ("search", *_MEASURES.values(), "perplexity")
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    body = []
    for row in rows:
        cells = [tag("td", f"{row.diversity[name]:.3f}") for name in _MEASURES]
        title = tag("th", row.name, tag("small", row.note), scope="row")
        body.append(tag("tr", title, *cells, tag("td", number(row.perplexity))))
    caption = (
        "Texts that the model wrote from nothing. Distinct pairs: different pairs of tokens among all "
        "(Li et al., 2016). Repeated fours: runs of four tokens that their text had before (Welleck et al., 2020). "
        "Self-BLEU: how alike the texts are (Zhu et al., 2018). "
        "Perplexity: as the model sees them; far below that of the test rows, they are duller than what people write."
    )
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    shown = [
        tag(
            "article",
            tag("p", row.name, class_="facts"),
            *(paragraph(shorten(text, 400), language) for text in row.texts),
        )
        for row in rows
    ]
    return join([tag("div", table, class_="scroll"), tag("div", *shown)])


def surprising(samples: Samples, where: Sequence[str], losses: NDArray[np.float64], language: str) -> Html:
    """The passages of the largest loss, nats a token.

    Args:
        samples: The rows.
        where: `file:line` of each; empty where unknown.
        losses: `(N,)`.
        language: Of the texts; empty where unknown.
    """
    articles = []
    for row in (-losses).argsort(kind="stable")[:_ROWS]:
        said = f"{number(float(losses[row]))} nats a token"
        place = f"{where[row]}, {said}" if len(where) else said
        text = shorten(samples.shown(int(row)), 300)
        articles.append(tag("article", tag("p", place, class_="facts"), paragraph(text, language)))
    return tag("div", *articles)
