"""Curves and scatters as SVG that takes its colours from the page, drawn by matplotlib without pyplot."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from html import unescape
from typing import TYPE_CHECKING, Any

from kerasseq.console import count
from kerasseq.report.markup import Html, html, runs, shorten, tag

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = [
    *("FAINT", "FIRST", "INK", "SECOND", "axes_of", "svg_of", "titled"),
    *("cloud", "curve", "forest", "lines", "residuals", "scatter", "tradeoff"),
]

# Drawn in these colours, written as the page's variables, so that the picture follows light and dark.
INK, FAINT, FIRST, SECOND = "#010101", "#020202", "#030303", "#040404"
_VARIABLES = {INK: "var(--ink)", FAINT: "var(--faint)", FIRST: "var(--first)", SECOND: "var(--second)"}
_POINTS = 2000
_TICKS = 6  # of an axis, at most
_PAD = 3  # points around a picture
_LETTERS = 24
_RIGHT_TO_LEFT, _END = "\u2067", "\u2069"  # a part of a line that runs its own way, and its end


def axes_of(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of this size, inches, and its only axes, in the look of the page."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=72)  # points, as in the file
    axes = figure.add_subplot()
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(FAINT)
    axes.tick_params(which="both", colors=INK, labelsize=9)
    axes.grid(color=FAINT, alpha=0.35, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.locator_params(nbins=_TICKS)
    return figure, axes


def _fit(axes: Axes) -> None:
    """Give the axes the room that the words around it leave; a layout engine measures twice, and draws all of it."""
    from matplotlib.transforms import Bbox

    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            _in_decades(axis)
    inner, outer = axes.get_window_extent(), axes.get_tightbbox(bbox_extra_artists=[])
    if outer is not None:
        room = axes.figure.bbox.padded(-_PAD)
        corners = (room.corners() + inner.corners() - outer.corners())[[0, 3]]
        axes.set_position(Bbox(corners).transformed(axes.figure.transSubfigure.inverted()))


def _in_decades(axis: Axis) -> None:
    """Some ticks with plain numbers: those of matplotlib are formulas, each of which it reads anew."""
    from matplotlib.ticker import LogLocator, NullLocator

    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1.0,) if high > 1e3 * low else (1.0, 3.0), numticks=_TICKS))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter("{x:g}")


def titled(axes: Axes, title: str, size: float = 11) -> None:
    """A title above the left end, in points; where it stands is said, for matplotlib would measure the axes for it."""
    axes.set_title(title, color=INK, fontsize=size, loc="left", y=1.0, parse_math=False)


def svg_of(figure: Figure, alternative: str) -> Html:
    """The figure as inline SVG with a text for those who do not see it; the same figure gives the same bytes."""
    from matplotlib import rc_context

    written = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": alternative}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # the browser draws the letters
        for axes in figure.axes:
            _fit(axes)
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawing = written.getvalue()
    body = drawing[drawing.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)  # nobody refers to them, and several pictures share a page
    body = re.sub(r"(?<=>)[^<>]+(?=</text>)", _isolated, body)
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, variable)
    opening, rest = body.split(">", 1)
    view = re.search(r'viewBox="[^"]*"', opening)
    label = tag("title", alternative)
    return Html(
        f'<svg role="img" xmlns:xlink="http://www.w3.org/1999/xlink" {view.group() if view else ""}>{label}{rest}'
    )


def _isolated(found: re.Match[str]) -> str:
    """The words of a label, in the order in which the page sets them.

    A label is set from the left unless it says otherwise, and by style it would say so of its anchor, too.
    """
    words = unescape(found.group())
    return html(f"{_RIGHT_TO_LEFT}{words}{_END}" if runs(words) == "rtl" else words)


def curve(
    title: str,
    epochs: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    best_epoch: float,
) -> Html:
    """One or two quantities over the epochs, the kept epoch marked; one that is called as the picture has no legend."""
    figure, axes = axes_of(4.4, 2.8)
    for name, values in lines.items():
        colour, dash, mark = (SECOND, "--", "s") if name == "validation" else (FIRST, "-", "o")
        label = "_" if name == title else name
        axes.plot(epochs, values, color=colour, linestyle=dash, marker=mark, markersize=3, linewidth=1.6, label=label)
    if best_epoch in epochs:
        axes.axvline(best_epoch, color=INK, linestyle=":", linewidth=1, label=f"kept: epoch {best_epoch:g}")
    seen = [value for values in lines.values() for value in values if not math.isnan(value)]
    if min(seen) > 0 and max(seen) > 20 * min(seen):
        axes.set_yscale("log")
    titled(axes, title)
    axes.set_xlabel("epoch", color=INK, fontsize=9)
    axes.locator_params(axis="x", integer=True)
    if len(epochs) > 1:
        axes.margins(x=0.03)
    else:
        axes.set_xlim(epochs[0] - 1, epochs[0] + 1)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=8, frameon=False, labelcolor=INK)
    known = {name: [value for value in values if not math.isnan(value)] for name, values in lines.items()}
    ends = ", ".join(f"{name} from {values[0]:.4g} to {values[-1]:.4g}" for name, values in known.items())
    return svg_of(figure, f"{title} over {count(len(epochs), 'epoch')}: {ends}")


def forest(title: str, rows: Sequence[tuple[str, float, float, float]], models: int = 1) -> Html:
    """Score and interval of each model and of each baseline, one under the other.

    Args:
        title: Words for the score.
        rows: Who, value, lower and upper end; the models first.
        models: How many of them are models.
    """
    figure, axes = axes_of(4.6, 0.6 + 0.3 * len(rows))
    for place, (_, value, low, high) in enumerate(rows):
        colour = FIRST if place < models else SECOND
        axes.plot([low, high], [place, place], color=colour, linewidth=3, alpha=0.55, solid_capstyle="butt")
        axes.plot([value], [place], color=colour, marker="o", markersize=7)
    axes.set_yticks(range(len(rows)), [shorten(who, _LETTERS) for who, *_ in rows], parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.margins(x=0.08)
    axes.set_xlabel(title, color=INK, fontsize=9)
    said = "; ".join(f"{who} {value:.3f} from {low:.3f} to {high:.3f}" for who, value, low, high in rows)
    return svg_of(figure, f"{title} with intervals: {said}")


def tradeoff(title: str, cost: str, rows: Sequence[tuple[str, float, float]]) -> Html:
    """A score against what it costs, one named point for each model.

    Args:
        title: Words for the score.
        cost: Words for the cost, with its unit.
        rows: Who, cost above 0, score.
    """
    figure, axes = axes_of(4.6, 3.4)
    for place, (who, spent, value) in enumerate(rows):
        axes.plot([spent], [value], color=FIRST, marker="o", markersize=7)
        above = -12 if place % 2 else 6  # points beside each other rarely follow each other
        style: dict[str, Any] = {"color": INK, "fontsize": 8, "ha": "center", "parse_math": False}
        axes.annotate(shorten(who, _LETTERS), (spent, value), (0, above), textcoords="offset points", **style)
    costs = [spent for _, spent, _ in rows]
    if max(costs) > 20 * min(costs):
        axes.set_xscale("log")
    axes.margins(x=0.18, y=0.18)
    axes.ticklabel_format(axis="y", useOffset=False)
    _labels(axes, "", cost, title)
    said = "; ".join(f"{who} {value:.3f} at {spent:.4g}" for who, spent, value in rows)
    return svg_of(figure, f"{title} against {cost}: {said}")


def scatter(truth: NDArray[np.float64], prediction: NDArray[np.float64], unit: str = "") -> Html:
    """Predicted against true value, at most 2,000 rows evenly picked, with the line of perfect answers."""
    labels = "Predicted against true", f"true{_in(unit)}", f"predicted{_in(unit)}"
    return cloud(labels, truth, prediction, "Predicted against true values")


def cloud(labels: tuple[str, str, str], below: NDArray[Any], beside: NDArray[Any], said: str) -> Html:
    """A point a row, at most 2,000 rows evenly picked, with the line on which both numbers are equal.

    Args:
        labels: Title, words for the axis below, and for the one beside.
        below: `(N,)`.
        beside: `(N,)`.
        said: What is drawn, for those who do not see it.
    """
    import numpy as np

    figure, axes = axes_of(4.4, 4.0)
    step = max(1, -(-len(below) // _POINTS))
    axes.scatter(below[::step], beside[::step], s=9, color=FIRST, alpha=0.45, linewidths=0)
    ends = [float(min(below.min(), beside.min())), float(max(below.max(), beside.max()))]
    axes.plot(ends, ends, color=INK, linestyle=":", linewidth=1)
    _labels(axes, *labels)
    shown = len(below[::step])
    spread = np.ptp(below) > 0 and np.ptp(beside) > 0
    found = f"correlation {np.corrcoef(below, beside)[0, 1]:.2f}" if spread else "one of them is constant"
    return svg_of(figure, f"{said} of {shown} test rows; {found}")


def residuals(truth: NDArray[np.float64], prediction: NDArray[np.float64], unit: str = "") -> Html:
    """Histogram of predicted minus true."""
    figure, axes = axes_of(4.4, 4.0)
    errors = prediction - truth
    axes.hist(errors, bins=min(40, max(5, int(len(errors) ** 0.5))), color=FIRST, alpha=0.75)
    axes.axvline(0, color=INK, linestyle=":", linewidth=1)
    _labels(axes, "Errors", f"predicted - true{_in(unit)}", "rows")
    return svg_of(figure, f"Histogram of the errors: mean {errors.mean():.3g}, standard deviation {errors.std():.3g}")


def lines(title: str, below: str, drawn: Mapping[str, tuple[NDArray[Any], NDArray[np.float64]]]) -> Html:
    """Some quantities over one axis.

    Args:
        title: Words for what is drawn.
        below: Words for the axis below.
        drawn: Name to places and values of each line, at most three.
    """
    figure, axes = axes_of(9.2, 3.0)
    styles = [(INK, "-", 1.4), (FIRST, "-", 1.4), (SECOND, "--", 1.2)]
    for (name, (places, values)), (colour, dash, width) in zip(drawn.items(), styles, strict=False):
        axes.plot(places, values, color=colour, linestyle=dash, linewidth=width, label=name)
    titled(axes, title)
    axes.set_xlabel(below, color=INK, fontsize=9)
    axes.margins(x=0.02)
    axes.legend(fontsize=8, frameon=False, labelcolor=INK)
    ends = "; ".join(f"{name} from {values[0]:.4g} to {values[-1]:.4g}" for name, (_, values) in drawn.items())
    return svg_of(figure, f"{title} over {len(next(iter(drawn.values()))[0])} {below}s: {ends}")


def _labels(axes: Any, title: str, below: str, beside: str) -> None:
    titled(axes, title)
    axes.set_xlabel(below, color=INK, fontsize=9, parse_math=False)
    axes.set_ylabel(beside, color=INK, fontsize=9, parse_math=False)


def _in(unit: str) -> str:
    return f" ({shorten(unit, _LETTERS)})" if unit else ""
