"""Where the model is wrong: by length of the text, by its own confidence, and in the worst rows."""

# N test rows, K classes

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.report.markup import Html, number, paragraph, shorten, tag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.corpus.samples import Samples
    from kerasseq.report.heavy import Weighed

__all__ = ["Mistakes", "bar_table", "calibration", "card_table", "length_groups", "length_table", "worst_table"]

_CONFIDENCES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True)
class Mistakes:
    """What the rows are ordered by, and how truth and answer are shown.

    Attributes:
        losses: How wrong each row is, `(N,)`.
        wrong: Whether it is, `(N,)`.
        truth: A row's target as a cell.
        prediction: A row's answer as a cell.
        loss_name: What a loss is called.
        weighed: What is known to have moved an answer; None for nothing.
    """

    losses: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    truth: Callable[[int], Html]
    prediction: Callable[[int], Html]
    loss_name: str = "loss"
    weighed: Weighed | None = None


def length_table(samples: Samples, errors: NDArray[np.float64], unit: str = "") -> Html:
    """Error by the number of words of a row, in up to five groups of about equal size.

    Args:
        samples: The rows.
        errors: `(N,)`: 1 for a wrong row and 0 for a right one, or an error in a unit.
        unit: What an error is; empty for shares of wrong rows.
    """
    import numpy as np

    groups = length_groups(np.array([len(samples.shown(row).split()) for row in range(len(samples))]))
    means = [(name, len(members), errors[members].mean()) for name, members in groups]
    full = (max(mean for *_, mean in means) or 1.0) if unit else 1.0
    rows = []
    for name, members, mean in means:
        shown = number(float(mean)) if unit else f"{100 * mean:.1f} %"
        rows.append((name, f"{members:,}", (shown, mean / full)))
    return bar_table("Error by length of the text, in words between spaces.", ("words", "rows", unit or "wrong"), rows)


def length_groups(lengths: NDArray[np.int64]) -> list[tuple[str, NDArray[np.int64]]]:
    """Rows by their length, in up to five groups of about equal size: `"3 to 7"`, and which rows they are.

    Args:
        lengths: `(N,)`, at least one.
    """
    import numpy as np

    edges = np.unique(np.quantile(lengths, [0, 0.2, 0.4, 0.6, 0.8, 1], method="lower"))
    group = np.searchsorted(edges[1:-1], lengths, side="right")
    found = []
    for each in np.unique(group):
        members = np.flatnonzero(group == each)
        low, high = lengths[members].min(), lengths[members].max()
        found.append((f"{low}" if low == high else f"{low} to {high}", members))
    return found


def calibration(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> Html:
    """How often the model is right where it says that it is sure.

    Args:
        probabilities: `(N, K)`.
        right: `(N,)`.
    """
    import numpy as np

    sure = np.asarray(probabilities).max(axis=1)
    groups = np.clip(np.searchsorted(_CONFIDENCES, sure, side="right") - 1, 0, len(_CONFIDENCES) - 2)
    rows, gap = [], 0.0
    for g in np.unique(groups):
        own = groups == g
        share, said = float(right[own].mean()), float(sure[own].mean())
        gap += own.mean() * abs(share - said)
        name = f"{_CONFIDENCES[g]:.2f} to {_CONFIDENCES[g + 1]:.2f}"
        rows.append((name, f"{own.sum():,}", (f"{100 * said:.1f} %", said), (f"{100 * share:.1f} %", share)))
    caption = f"Is it right as often as it says? On average the two are {100 * gap:.1f} points apart."
    return bar_table(caption, ("stated probability", "rows", "stated", "right"), rows)


def bar_table(caption: str, heads: Sequence[str], rows: Sequence[tuple[str | tuple[str, float], ...]]) -> Html:
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


def worst_table(samples: Samples, where: Sequence[str], mistakes: Mistakes, language: str = "", rows: int = 20) -> Html:
    """The wrong test rows with the largest loss: text, truth, prediction; on a narrow screen one card a row.

    Empty where no row is wrong.
    """
    worst = [int(row) for row in (-mistakes.losses).argsort(kind="stable") if mistakes.wrong[row]][:rows]
    if not worst:
        return Html("")
    weighed = mistakes.weighed
    moved = weighed.cells(worst) if weighed is not None else []
    name, said = ([weighed.name], f" {weighed.said}") if weighed is not None and moved else ([], "")
    heads = [*(["where"] if len(where) else []), "text", "truth", "prediction", *name, mistakes.loss_name]
    body = []
    for place, row in enumerate(worst):
        source = [tag("code", where[row])] if len(where) else []
        lines = [paragraph(line, language) for line in shorten(samples.shown(row)).splitlines() or [""]]
        loss = tag("span", number(float(mistakes.losses[row])))
        cells = [mistakes.truth(row), mistakes.prediction(row), *moved[place : place + 1], loss]
        body.append([*source, tag("div", *lines), *cells])
    count = "The test row that is wrong" if len(body) == 1 else f"The {len(body)} test rows with the largest error"
    return card_table(f"{count}. A wrong label shows up here, too.{said}", heads, body)


def card_table(caption: Html | str, heads: Sequence[str], rows: Sequence[Sequence[Html]]) -> Html:
    """A table; on a narrow screen one card a row, each cell behind its head."""
    head = tag("tr", *(tag("th", name, scope="col", role="columnheader") for name in heads), role="row")
    body = []
    for cells in rows:
        shown = (tag("td", cell, data_label=name, role="cell") for name, cell in zip(heads, cells, strict=True))
        body.append(tag("tr", *shown, role="row"))
    # the roles keep it a table for screen readers where the narrow layout turns its rows into blocks
    groups = tag("thead", head, role="rowgroup"), tag("tbody", *body, role="rowgroup")
    return tag("div", tag("table", tag("caption", caption), *groups, class_="cards", role="table"), class_="scroll")
