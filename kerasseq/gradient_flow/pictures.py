"""Gradients over time as pictures in the look of the report."""

# T steps

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.gradient_flow.measured import Curve, Layer, Stage, When
from kerasseq.report.markup import Html
from kerasseq.report.pictures import FAINT, FIRST, INK, SECOND, axes_of, svg_of, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["bands", "by_loss", "kept"]

LEAST = 1e-12
"""Below, a gradient is drawn as nothing."""

FAINTEST = 1e-6
"""What a band shows as nothing."""

COLOURS: Mapping[When, str] = {"before": SECOND, "after": FIRST}
DASHES: Mapping[When, str] = {"before": "--", "after": "-"}


def kept(stages: Mapping[When, Stage], place: int) -> Html:
    """What is left of a gradient at the last state of one layer, step by step back; between the quartiles shaded."""
    layer = next(iter(stages.values())).layers[place]
    figure, axes = axes_of(4.6, 3.0)
    told = []
    for when, stage in stages.items():
        one = stage.layers[place]
        _line(axes, when, one.kept, f"{when} training: {one.rate:.2g} a step")
        told.append(f"{when} training {one.left:.2g} is left {one.horizon} steps back")
    axes.axhline(1, color=INK, linewidth=0.8)
    axes.axhline(0.01, color=INK, linewidth=0.8, linestyle=":")
    axes.annotate("a hundredth", (0.01, 0.01), (0, 2), xycoords=("axes fraction", "data"), textcoords="offset points",
                  fontsize=7, color=INK)  # fmt: skip
    _finish(axes, [stage.layers[place].kept for stage in stages.values()], "steps back from the last one read")
    titled(axes, _title(layer), 10)
    return svg_of(figure, f"{layer.path}, of a gradient of length 1 at its last state: {'; '.join(told)}")


def by_loss(stages: Mapping[When, Stage], place: int) -> Html:
    """`|dL/dh|` of one layer, of an LSTM `|dL/dc|` beside it, back from the last step that it read."""
    layer = next(iter(stages.values())).layers[place]
    figure, axes = axes_of(4.6, 3.0)
    drawn, told = [], []
    for when, stage in stages.items():
        for name, curve in stage.layers[place].from_end.items():
            if not len(curve):
                continue
            _line(axes, when, curve, f"{when} training, {name}", thin=name != "h")
            drawn.append(curve)
            told.append(f"{when} training, {name}, from {curve.median[0]:.2g} to {curve.median[-1]:.2g}")
    _finish(axes, drawn, "steps back from the last one read")
    titled(axes, _title(layer), 10)
    return svg_of(figure, f"{layer.path}, length of the gradient of the loss by its states: {'; '.join(told)}")


def bands(stage: Stage) -> Html:
    """All layers over time, one below the other: the stronger a step, the more of a gradient of length 1 is left."""
    from matplotlib.colors import to_rgba
    from matplotlib.ticker import MaxNLocator

    longest = max(len(layer.kept) for layer in stage.layers)
    figure, axes = axes_of(9.4, 0.9 + 0.42 * len(stage.layers))
    axes.grid(visible=False)
    for place, layer in enumerate(stage.layers):
        values = [1 + math.log10(max(value, FAINTEST)) / 6 for value in layer.kept.median if math.isfinite(value)]
        for step, value in enumerate(values):
            axes.barh(place, 1.0, left=step - 0.5, height=0.72, color=to_rgba(FIRST, min(value, 1.0)))
    axes.set_xlim(longest - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_yticks(range(len(stage.layers)), [_title(layer) for layer in stage.layers], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("steps back from the last one read", color=INK, fontsize=9)
    said = "; ".join(f"{layer.path} {layer.left:.2g} over {layer.horizon} steps" for layer in stage.layers)
    return svg_of(figure, f"What is left of a gradient, by layer and step: {said}")


def _title(layer: Layer) -> str:
    return f"{layer.path}{' (reads from the end)' if layer.backwards else ''}"


def _line(axes: Axes, when: When, curve: Curve, label: str, thin: bool = False) -> None:
    steps = range(len(curve))
    dash = ":" if thin else DASHES[when]
    axes.plot(
        steps, _drawn(curve.median), color=COLOURS[when], linestyle=dash, linewidth=1.2 if thin else 2, label=label
    )
    if not thin:
        low, high = _drawn(curve.low), _drawn(curve.high)
        axes.fill_between(steps, low, high, color=COLOURS[when], alpha=0.15, linewidth=0)


def _drawn(values: Sequence[float]) -> list[Any]:
    """With a logarithm: no number where there is none."""
    return [max(value, LEAST) if math.isfinite(value) else math.nan for value in values]


def _finish(axes: Axes, curves: Sequence[Curve], below: str) -> None:
    """Time runs from left to right, the last step that was read at the right end."""
    from matplotlib.ticker import MaxNLocator

    axes.set_yscale("log")
    seen = [value for curve in curves for value in _drawn(curve.median) if not math.isnan(value)]
    if seen:
        low, high = min(seen), max(seen)
        axes.set_ylim(min(low / 2, high / 1e3), high * 3)
    longest = max(map(len, curves), default=1)
    axes.set_xlim(max(longest - 1, 1), 0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(below, color=INK, fontsize=9)
    axes.grid(color=FAINT, alpha=0.35, linewidth=0.6)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=7.5, frameon=False, labelcolor=INK)
