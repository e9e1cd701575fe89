"""What a language model makes of texts: the ones that it least expected, and what it writes."""

# N passages

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasseq.report.markup import Html, number, paragraph, shorten, tag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.corpus.samples import Samples

__all__ = ["surprising"]

_ROWS = 10


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
