"""Which classes are taken for which: the confusion matrix and the scores of each class."""

from __future__ import annotations

from typing import Any

from kerasseq.metrics import confusion
from kerasseq.report.data import ReportData
from kerasseq.report.markup import Html, inline, tag
from kerasseq.report.summary import score_cell

__all__ = ["class_table", "confusion_table"]

_LARGEST = 15
_PAIRS = 20


def confusion_table(data: ReportData) -> Html:
    """The confusion matrix as a table of shaded counts; with more than 15 classes the 20 most frequent confusions."""
    counts = confusion(data.truth, data.prediction, len(data.labels))
    return _matrix(data, counts) if len(data.labels) <= _LARGEST else _pairs(data, counts)


def _matrix(data: ReportData, counts: Any) -> Html:
    labels = [inline(label, data.language) for label in data.labels]
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


def _pairs(data: ReportData, counts: Any) -> Html:
    wrong = counts.copy()
    for k in range(len(wrong)):
        wrong[k, k] = 0
    order = (-wrong).ravel().argsort(kind="stable")[:_PAIRS]
    rows = []
    for cell in order.tolist():
        true, predicted = divmod(cell, len(wrong))
        count, whole = int(wrong[true, predicted]), int(counts[true].sum())
        if count:
            names = (tag("td", inline(data.labels[k], data.language)) for k in (true, predicted))
            rows.append(tag("tr", *names, tag("td", f"{count:,}"), tag("td", f"{100 * count / whole:.0f} %")))
    heads = ("true class", "predicted class", "rows", "of the true class")
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    caption = tag("caption", f"The most frequent confusions of {len(wrong)} classes in the test rows.")
    return tag("div", tag("table", caption, tag("thead", head), tag("tbody", *rows)), class_="scroll")


def class_table(data: ReportData) -> Html:
    """F1, precision, recall and number of rows of each class."""
    found = {score.name: score for score in data.scores}
    names = [name for name in ("f1", "precision", "recall") if any(f"{name}[{k}]" in found for k in data.labels)]
    rows = []
    for k, label in enumerate(data.labels):
        cells = [score_cell(found.get(f"{name}[{label}]")) for name in names]
        support = tag("td", f"{int((data.truth == k).sum()):,}")
        rows.append(tag("tr", tag("th", inline(label, data.language), scope="row"), *cells, support))
    head = [tag("th", name.capitalize() if name != "f1" else "F1", scope="col") for name in names]
    heads = tag("tr", tag("th", "class", scope="col"), *head, tag("th", "test rows", scope="col"))
    table = tag("table", tag("caption", "Scores of each class."), tag("thead", heads), tag("tbody", *rows))
    return tag("div", table, class_="scroll") if names else Html("")
