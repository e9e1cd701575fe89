"""Which classes are taken for which: the confusion matrix and the scores of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.metrics import Score, confusion
from kerasseq.report.markup import Html, inline, tag
from kerasseq.report.summary import score_cell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["class_table", "confusion_table"]

_LARGEST = 15
_PAIRS = 20


def confusion_table(
    truth: NDArray[np.int64], prediction: NDArray[np.int64], labels: Sequence[str], language: str = ""
) -> Html:
    """The confusion matrix as a table of shaded counts; with more than 15 classes the 20 most frequent confusions."""
    counts = confusion(truth, prediction, len(labels))
    shown = [inline(label, language) for label in labels]
    return _matrix(shown, counts) if len(labels) <= _LARGEST else _pairs(shown, counts)


def _matrix(labels: Sequence[Html], counts: Any) -> Html:
    head = tag("tr", tag("th", "true ↓ predicted →", scope="col"), *(tag("th", label, scope="col") for label in labels))
    rows = []
    for true, label in enumerate(labels):
        whole = int(counts[true].sum())
        cells = []
        for predicted, count in enumerate(counts[true].tolist()):
            share = count / whole if whole else 0.0
            percent = tag("small", f"{100 * share:.0f} %" if whole else "–")
            kind = "right" if true == predicted else "wrong"
            cells.append(tag("td", f"{count:,}", percent, class_=f"shade {kind}", style=f"--w:{share:.3f}"))
        rows.append(tag("tr", tag("th", label, scope="row"), *cells))
    caption = tag("caption", "Test rows by true class (row) and predicted class (column); per cent of the row.")
    table = tag("table", caption, tag("thead", head), tag("tbody", *rows), class_="matrix")
    return tag("div", table, class_="scroll")


def _pairs(labels: Sequence[Html], counts: Any) -> Html:
    wrong = counts.copy()
    for k in range(len(wrong)):
        wrong[k, k] = 0
    order = (-wrong).ravel().argsort(kind="stable")[:_PAIRS]
    rows = []
    for cell in order.tolist():
        true, predicted = divmod(cell, len(wrong))
        count, whole = int(wrong[true, predicted]), int(counts[true].sum())
        if count:
            names = (tag("td", labels[k]) for k in (true, predicted))
            rows.append(tag("tr", *names, tag("td", f"{count:,}"), tag("td", f"{100 * count / whole:.0f} %")))
    heads = ("true class", "predicted class", "rows", "of the true class")
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    caption = tag("caption", f"The most frequent confusions of {len(wrong)} classes in the test rows.")
    return tag("div", tag("table", caption, tag("thead", head), tag("tbody", *rows)), class_="scroll")


def class_table(scores: Sequence[Score], truth: NDArray[np.int64], labels: Sequence[str], language: str = "") -> Html:
    """F1, precision, recall and number of rows of each class."""
    found = {score.name: score for score in scores}
    names = [name for name in ("f1", "precision", "recall") if any(f"{name}[{k}]" in found for k in labels)]
    rows = []
    for k, label in enumerate(labels):
        cells = [score_cell(found.get(f"{name}[{label}]")) for name in names]
        support = tag("td", f"{int((truth == k).sum()):,}")
        rows.append(tag("tr", tag("th", inline(label, language), scope="row"), *cells, support))
    head = [tag("th", name.capitalize() if name != "f1" else "F1", scope="col") for name in names]
    heads = tag("tr", tag("th", "class", scope="col"), *head, tag("th", "test rows", scope="col"))
    table = tag("table", tag("caption", "Scores of each class."), tag("thead", heads), tag("tbody", *rows))
    return tag("div", table, class_="scroll") if names else Html("")
