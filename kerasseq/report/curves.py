"""How training went: one picture for each quantity over the epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kerasseq.metrics.scores import title_of
from kerasseq.report.data import ReportData
from kerasseq.report.markup import Html, html, tag
from kerasseq.report.pictures import curve

__all__ = ["best_epoch", "curves"]


def best_epoch(data: ReportData) -> float:
    """The epoch whose weights were kept; 0 where that is unknown."""
    if data.best_epoch:
        return data.best_epoch
    losses = [(_value(row, "validation_loss"), _value(row, "epoch")) for row in data.history]
    return min((pair for pair in losses if not math.isnan(pair[0])), default=(0.0, 0.0))[1]


def curves(data: ReportData) -> Html:
    """A picture for the loss, each metric, the learning rate and the gradient norm, in this order."""
    names = [name for row in data.history for name in row if name != "epoch"]
    bases = list(dict.fromkeys(name.removeprefix("validation_") for name in names))
    last = ("learning_rate", "gradient_norm")
    bases = [name for name in bases if name not in last] + [name for name in last if name in bases]
    epochs = [_value(row, "epoch") for row in data.history]
    pictures = []
    for base in bases:
        lines = {}
        for name, shown in ((base, "training"), (f"validation_{base}", "validation")):
            values = [_value(row, name) for row in data.history]
            if not all(map(math.isnan, values)):
                lines[_title(base) if base in last else shown] = values
        if lines:
            pictures.append(tag("figure", curve(_title(base), epochs, lines, best_epoch(data))))
    return tag("div", *pictures, class_="pictures") if pictures else html("No epoch was finished.")


def _title(name: str) -> str:
    """`"mae"` -> `"Mean absolute error"`; what is no score, in its own words."""
    return title_of(name).replace("_", " ")


def _value(row: Mapping[str, float | int | None], name: str) -> float:
    found = row.get(name)
    return float(found) if isinstance(found, int | float) and math.isfinite(found) else math.nan
