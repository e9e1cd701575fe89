"""The main score over the values of one key of `--over`, a line for each model, as a picture for any page."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq.compare.over import Line, lines
from kerasseq.compare.result import Comparison
from kerasseq.metrics import baseline_title
from kerasseq.report.markup import shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Picture", "picture"]

COLOURS = ("#1f6fb4", "#d2691e", "#2e8b57", "#8b3fa0", "#b22222", "#8a7a00")
MARKS = "osD^vP"
DASHES = ("--", ":", "-.")
LETTERS = 40


@dataclass(frozen=True)
class Picture:
    """A PNG.

    Attributes:
        content: Its bytes.
        alternative: What it shows, in words.
    """

    content: bytes
    alternative: str

    @property
    def address(self) -> str:
        """The picture inside its own address, for a page of one file."""
        return f"data:image/png;base64,{base64.b64encode(self.content).decode('ascii')}"


def picture(found: Comparison) -> Picture | None:
    """Draw it; None where no key has numbers. The same comparison gives the same bytes."""
    swept = lines(found)
    if swept is None:
        return None
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    key, drawn = swept
    title = found.score(found.main).title
    with rc_context({"axes.unicode_minus": False, "font.size": 10}):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        axes = figure.add_subplot()
        _draw(axes, drawn)
        axes.set_xlabel(key, parse_math=False)
        axes.set_ylabel(title, parse_math=False)
        written = io.BytesIO()
        figure.savefig(written, format="png", dpi=120, metadata={"Software": None})
    told = [f"{line.name} {', '.join(f'{x:g}: {score.value:.3f}' for x, score in _known(line))}" for line in drawn]
    return Picture(written.getvalue(), f"{title} over {key}: {'; '.join(told)}")


def _draw(axes: Axes, drawn: list[Line]) -> None:
    places = sorted({x for line in drawn for x, _ in line.points})
    if places[0] > 0 and places[-1] > 8 * places[0]:
        axes.set_xscale("log")
    models = baselines = 0
    for line in drawn:
        known = _known(line)
        xs, values = [x for x, _ in known], [score.value for _, score in known]
        if line.baseline:
            style: dict[str, Any] = {"color": "#888888", "linestyle": DASHES[baselines % len(DASHES)], "linewidth": 1.2}
            baselines += 1
            axes.plot(xs, values, label=shorten(baseline_title(line.name), LETTERS), **style)
            continue
        colour, mark = COLOURS[models % len(COLOURS)], MARKS[models % len(MARKS)]
        models += 1
        axes.plot(xs, values, color=colour, marker=mark, markersize=5, label=shorten(line.name, LETTERS))
        ends = [(x, score.low, score.high) for x, score in known if score.low is not None and score.high is not None]
        if ends:
            xs, lows, highs = map(list, zip(*ends, strict=True))
            axes.fill_between(xs, lows, highs, color=colour, alpha=0.15, linewidth=0)
    axes.set_xticks(places, [f"{place:g}" for place in places])
    axes.minorticks_off()
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize=9)


def _known(line: Line) -> list[tuple[float, Any]]:
    return [(x, score) for x, score in line.points if score.value is not None]
