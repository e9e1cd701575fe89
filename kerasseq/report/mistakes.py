"""Where the model is wrong: by length of the text, by its own confidence, and in the worst rows."""

# N test rows

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasseq.report.data import ReportData
from kerasseq.report.markup import Html, inline, number, paragraph, shorten, tag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["calibration", "length_table", "worst_table"]

_CONFIDENCES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


def length_table(data: ReportData) -> Html:
    """Error by the number of words of a text, in up to five groups of about equal size."""
    import numpy as np

    words = np.array([len(text.split()) for text in data.texts])
    edges = np.unique(np.quantile(words, [0, 0.2, 0.4, 0.6, 0.8, 1], method="lower"))
    groups = np.searchsorted(edges[1:-1], words, side="right")
    wrong = data.losses if data.task == "regression" else (data.truth != data.prediction).astype(float)
    means = [(words[groups == g], wrong[groups == g].mean()) for g in np.unique(groups)]
    full = (max(mean for _, mean in means) or 1.0) if data.task == "regression" else 1.0
    rows = []
    for members, mean in means:
        low, high = members.min(), members.max()
        name = f"{low}" if low == high else f"{low} to {high}"
        shown = number(float(mean)) if data.task == "regression" else f"{100 * mean:.1f} %"
        rows.append((name, f"{len(members):,}", (shown, mean / full)))
    what = "mean absolute error" if data.task == "regression" else "wrong"
    return _bars("Error by length of the text, in words between spaces.", ("words", "rows", what), rows)


def calibration(data: ReportData) -> Html:
    """How often the model is right where it says that it is sure; empty for a regression."""
    if data.probabilities is None or data.task == "regression":
        return Html("")
    import numpy as np

    sure = np.asarray(data.probabilities).max(axis=1)
    right = data.truth == data.prediction
    groups = np.clip(np.searchsorted(_CONFIDENCES, sure, side="right") - 1, 0, len(_CONFIDENCES) - 2)
    rows, gap = [], 0.0
    for g in np.unique(groups):
        own = groups == g
        share, said = float(right[own].mean()), float(sure[own].mean())
        gap += own.mean() * abs(share - said)
        name = f"{_CONFIDENCES[g]:.2f} to {_CONFIDENCES[g + 1]:.2f}"
        rows.append((name, f"{own.sum():,}", (f"{100 * said:.1f} %", said), (f"{100 * share:.1f} %", share)))
    caption = f"Is it right as often as it says? On average the two are {100 * gap:.1f} points apart."
    return _bars(caption, ("stated probability", "rows", "stated", "right"), rows)


def _bars(caption: str, heads: Sequence[str], rows: Sequence[tuple[str | tuple[str, float], ...]]) -> Html:
    """A table; a cell of text and share in [0, 1] has a bar behind it."""
    body = []
    for first, *cells in rows:
        shown = [
            tag("td", cell)
            if isinstance(cell, str)
            else tag("td", cell[0], class_="bar", style=f"--w:{min(cell[1], 1):.3f}")
            for cell in cells
        ]
        body.append(tag("tr", tag("th", first, scope="row"), *shown))
    head = tag("tr", *(tag("th", name, scope="col") for name in heads))
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", table, class_="scroll")


def worst_table(data: ReportData, rows: int = 20) -> Html:
    """The wrong test rows with the largest loss: text, truth, prediction; on a narrow screen one card a row.

    Empty where no row is wrong.
    """
    losses = data.losses
    wrong = losses != 0 if data.task == "regression" else data.truth != data.prediction
    worst = [row for row in (-losses).argsort(kind="stable") if wrong[row]][:rows]
    if not worst:
        return Html("")
    heads = [*(["where"] if data.where else []), "text", "truth", "prediction", _loss_name(data)]
    head = tag("tr", *(tag("th", name, scope="col", role="columnheader") for name in heads), role="row")
    body = [_worst_row(data, int(row), losses, heads) for row in worst]
    count = "The test row that is wrong" if len(body) == 1 else f"The {len(body)} test rows with the largest error"
    caption = tag("caption", f"{count}. A wrong label shows up here, too.")
    # the roles keep it a table for screen readers where the narrow layout turns its rows into blocks
    groups = tag("thead", head, role="rowgroup"), tag("tbody", *body, role="rowgroup")
    return tag("div", tag("table", caption, *groups, class_="cards", role="table"), class_="scroll")


def _worst_row(data: ReportData, row: int, losses: NDArray[np.float64], heads: Sequence[str]) -> Html:
    where = [tag("code", data.where[row])] if data.where else []
    lines = [paragraph(line, data.language) for line in shorten(data.texts[row]).splitlines() or [""]]
    text = tag("div", *lines)
    if data.labels and data.probabilities is not None:
        sure = data.probabilities[row]
        truth, prediction = (
            tag("span", inline(data.labels[int(k)], data.language), " ", tag("small", f"{100 * sure[int(k)]:.1f} %"))
            for k in (data.truth[row], data.prediction[row])
        )
    else:
        truth, prediction = (tag("span", number(float(value))) for value in (data.truth[row], data.prediction[row]))
    cells = [*where, text, truth, prediction, tag("span", number(float(losses[row])))]
    return tag(
        "tr",
        *(tag("td", cell, data_label=head, role="cell") for head, cell in zip(heads, cells, strict=True)),
        role="row",
    )


def _loss_name(data: ReportData) -> str:
    return "distance" if data.task == "regression" else "loss"
