"""A forecast beside what came: the test stretch, and the error by how far ahead."""

# N windows, H steps ahead, D numbers of a step

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq.report.markup import Html, number, tag
from kerasseq.report.pictures import lines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["horizon_table", "stretch"]

_SERIES = 4
"""Series that are drawn."""


def stretch(steps: NDArray[np.int64], truth: NDArray[np.float64], values: NDArray[np.float64]) -> list[Html]:
    """For each series the true steps of the test, and what was said of them one step ahead and farthest ahead.

    Args:
        steps: The number of each window's first target, `(N,)`.
        truth: `(N, H, D)`.
        values: `(N, H, D)`.
    """
    horizon = truth.shape[1]
    pictures = []
    for series in range(min(truth.shape[2], _SERIES)):
        drawn = {"true": (steps, truth[:, 0, series]), "1 step ahead": (steps, values[:, 0, series])}
        if horizon > 1:
            drawn[f"{horizon} steps ahead"] = (steps + horizon - 1, values[:, -1, series])
        name = "Series" if truth.shape[2] == 1 else f"Series {series + 1}"
        pictures.append(tag("figure", lines(name, "step", drawn), class_="wide"))
    return pictures


def horizon_table(truth: NDArray[np.float64], values: NDArray[np.float64]) -> Html:
    """Mean absolute error by the number of steps ahead."""
    import numpy as np

    errors = np.abs(values - truth).mean(axis=(0, 2))  # (H,)
    full = float(errors.max()) or 1.0
    rows = [
        tag(
            "tr",
            tag("th", str(ahead), scope="row"),
            tag("td", number(float(error)), class_="bar", style=f"--w:{error / full:.3f}"),
        )
        for ahead, error in enumerate(errors, start=1)
    ]
    heads = tag("tr", tag("th", "steps ahead", scope="col"), tag("th", "mean absolute error", scope="col"))
    caption = tag("caption", "Error by how far ahead.")
    return tag("div", tag("table", caption, tag("thead", heads), tag("tbody", *rows)), class_="scroll")
