"""Which tags are taken for which, and the rows that are most wrong."""

# N test rows

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasseq.metrics import Score
from kerasseq.report.markup import Html, inline, join, paragraph, tag
from kerasseq.report.summary import score_cell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.corpus.samples import Samples

__all__ = ["tag_confusions", "tag_table", "worst_rows"]

_PAIRS = 20
_ROWS = 20
_WORDS = 80

Tags = Sequence[Sequence[str]]


def tag_table(scores: Sequence[Score]) -> Html:
    """F1, precision and recall of each type of span, or of each tag."""
    found: dict[str, dict[str, Score]] = {}
    for score in scores:
        name, bracket, kind = score.name.partition("[")
        if bracket:
            found.setdefault(kind.removesuffix("]"), {})[name] = score
    names = [name for name in ("f1", "precision", "recall") if any(name in row for row in found.values())]
    if not names:
        return Html("")
    heads = ["F1" if name == "f1" else name.capitalize() for name in names]
    head = tag("tr", tag("th", "tag", scope="col"), *(tag("th", name, scope="col") for name in heads))
    rows = [
        tag("tr", tag("th", inline(kind), scope="row"), *(score_cell(row.get(name)) for name in names))
        for kind, row in found.items()
    ]
    table = tag(
        "table",
        tag("caption", "Scores of each tag, of spans where tags write them."),
        tag("thead", head),
        tag("tbody", *rows),
    )
    return tag("div", table, class_="scroll")


def tag_confusions(truth: Tags, predicted: Tags) -> Html:
    """The 20 most frequent confusions of tags, token by token."""
    pairs = Counter(
        (true, said)
        for row, found in zip(truth, predicted, strict=True)
        for true, said in zip(row, found, strict=True)
        if true != said
    )
    if not pairs:
        return tag("p", "No token has a wrong tag.")
    whole = Counter(true for row in truth for true in row)
    rows = []
    for (true, said), count in sorted(pairs.items(), key=lambda entry: (-entry[1], entry[0]))[:_PAIRS]:
        share = f"{100 * count / whole[true]:.1f} %"
        cells = (tag("td", cell) for cell in (inline(true), inline(said), f"{count:,}", share))
        rows.append(tag("tr", *cells))
    heads = ("true tag", "predicted tag", "tokens", "of the true tag")
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    caption = tag("caption", "The most frequent confusions, token by token.")
    return tag("div", tag("table", caption, tag("thead", head), tag("tbody", *rows)), class_="scroll")


def worst_rows(
    samples: Samples, where: Sequence[str], truth: Tags, predicted: Tags, losses: NDArray[np.float64], language: str
) -> Html:
    """The rows with most wrong tags: each token that is wrong is marked, with both tags behind it.

    Empty where no tag is wrong.
    """
    worst = [int(row) for row in (-losses).argsort(kind="stable") if losses[row]][:_ROWS]
    if not worst:
        return Html("")
    articles = []
    for row in worst:
        columns = samples.columns(slice(row, row + 1))
        [steps] = columns.get("tokens", [[str(n + 1) for n in range(len(truth[row]))]])
        words = []
        for step, true, said in list(zip(steps, truth[row], predicted[row], strict=True))[:_WORDS]:
            marked = true != said
            note = tag("small", f" {said} for {true}", dir="ltr") if marked else Html("")
            words.append(join([tag("mark", str(step)), note]) if marked else tag("span", str(step)))
        if len(truth[row]) > _WORDS:
            words.append(tag("span", "..."))
        count = f"{int(losses[row])} of {len(truth[row])} wrong"
        place = f"{where[row]}, {count}" if len(where) else count
        shown = paragraph(" ".join(map(str, steps)), language, join(words, " "))
        articles.append(tag("article", tag("p", place, class_="facts"), shown))
    return tag("div", *articles, class_="attention")
