"""Memory by rows, a line for each verb, as an SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["drawn"]

COLOURS = ("#1f6fb4", "#d2691e", "#2e8b57", "#8b3fa0")
MARKS = "osD^"


def drawn(found: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> str:
    """The SVG; the same measurements give the same text.

    Args:
        found: Measurements: `work`, `rows`, and `anonymous` and `resident` bytes.
        titles: Name of a work -> what the picture calls it.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for place, (work, title) in enumerate(titles.items()):
        points = sorted((each["rows"], each["anonymous"] / 1e6) for each in found if each["work"] == work)
        if points:
            axes.plot(*zip(*points, strict=True), color=COLOURS[place], marker=MARKS[place], label=title)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rows, _: f"{rows:,.0f}"))
    axes.set_xlabel("rows")
    axes.set_ylabel("most anonymous memory, MB")
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    written = io.StringIO()
    with rc_context({"svg.hashsalt": "memory"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()
