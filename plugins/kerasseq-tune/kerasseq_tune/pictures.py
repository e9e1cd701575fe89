"""The pictures of a study, inline SVG in the look of the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kerasseq.report.markup import Html
from kerasseq.report.pictures import FIRST, INK, SECOND, axes_of, svg_of
from kerasseq_tune.space import shown

__all__ = ["against_size", "history", "importances", "parallel"]

WIDE = 6.4


def history(main: str, trials: Sequence[Any], chosen: int) -> Html:
    """The score of each trial in its order, and the best so far."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = axes_of(WIDE, 2.8)
    numbers = [each.number for each in trials]
    values = [each.user_attrs["value"] for each in trials]
    better = min if trials and trials[0].user_attrs["lower_is_better"] else max
    best = [better(values[: place + 1]) for place in range(len(values))]
    axes.plot(numbers, values, linestyle="", marker="o", markersize=4, color=FIRST, label="a trial")
    axes.step(numbers, best, where="post", color=SECOND, linewidth=1.4, label="the best so far")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if chosen in numbers:
        axes.axvline(chosen, color=INK, linestyle=":", linewidth=1, label=f"chosen: trial {chosen}")
    _words(axes, "trial", main)
    axes.legend(fontsize=8, frameon=False, labelcolor=INK)
    first, last = (f"{best[0]:.4g}", f"{best[-1]:.4g}") if best else ("nothing", "nothing")
    return svg_of(figure, f"{main} of {len(values)} trials: the best goes from {first} to {last}")


def importances(weights: Mapping[str, float]) -> Html:
    """How much each key explains."""
    ranked = sorted(weights.items(), key=lambda one: one[1])
    figure, axes = axes_of(WIDE, 0.8 + 0.28 * len(ranked))
    axes.barh([key for key, _ in ranked], [weight for _, weight in ranked], color=FIRST, height=0.6)
    axes.set_xlim(0, max(1e-9, max(weights.values())) * 1.08)
    _words(axes, "share", "")
    said = "; ".join(f"{key} {weight:.2f}" for key, weight in reversed(ranked))
    return svg_of(figure, f"What mattered: {said}")


def parallel(main: str, trials: Sequence[Any], keys: Sequence[str]) -> Html:
    """A line for each trial through its values, the better the darker: every key has an axis of its own."""
    figure, axes = axes_of(max(WIDE, 1.1 * len(keys)), 3.4)
    lower = trials[0].user_attrs["lower_is_better"]
    ranked = sorted(trials, key=lambda each: each.user_attrs["value"], reverse=lower)  # the best comes last, on top
    columns = [_places([each.user_attrs["values"][key] for each in ranked]) for key in keys]
    for place, _ in enumerate(ranked):
        share = (place + 1) / len(ranked)
        heights = [column[0][place] for column in columns]
        top = share > 0.9
        axes.plot(range(len(keys)), heights, color=SECOND if top else FIRST, alpha=0.1 + 0.8 * share**2, linewidth=1.2)
    for place, (_, marks) in enumerate(columns):
        for height, text in marks:
            axes.annotate(text, (place, height), (3, 2), textcoords="offset points", fontsize=7, color=INK)
    axes.set_xticks(range(len(keys)), [key.replace(".", "\n") for key in keys], fontsize=7)
    axes.set_yticks([])
    axes.margins(x=0.06, y=0.08)
    said = f"{len(ranked)} trials over {', '.join(keys)}; the best tenth by {main} in another colour"
    return svg_of(figure, f"Parallel coordinates of {said}")


def against_size(main: str, trials: Sequence[Any], chosen: int) -> Html:
    """The score against the parameters, with the front: what no smaller trial reaches."""
    figure, axes = axes_of(WIDE, 3.0)
    lower = trials[0].user_attrs["lower_is_better"]
    points = sorted((each.user_attrs["parameters"], each.user_attrs["value"], each.number) for each in trials)
    axes.plot([p for p, _, _ in points], [v for _, v, _ in points], linestyle="", marker="o", markersize=4, color=FIRST)
    front: list[tuple[float, float]] = []
    for size, value, _ in points:
        if not front or (value < front[-1][1] if lower else value > front[-1][1]):
            front.append((size, value))
    axes.step(*zip(*front, strict=True), where="post", color=SECOND, linewidth=1.4, label="front")
    own = [(size, value) for size, value, number in points if number == chosen]
    if own:
        axes.plot(*own[0], marker="D", markersize=8, fillstyle="none", color=INK, linestyle="", label="chosen")
    if points[-1][0] > 10 * points[0][0]:
        axes.set_xscale("log")
    _words(axes, "parameters", main)
    axes.legend(fontsize=8, frameon=False, labelcolor=INK)
    said = "; ".join(f"{value:.4g} at {size:,}" for size, value in front)
    return svg_of(figure, f"{main} against parameters, the front: {said}")


def _places(values: Sequence[Any]) -> tuple[list[float], list[tuple[float, str]]]:
    """Heights in [0, 1] of the values of a key, and what is written at some of them."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if not numbers or len(set(values)) < 2:
        kinds = sorted({shown(value) for value in values})
        heights = {kind: (place + 0.5) / len(kinds) for place, kind in enumerate(kinds)}
        return [heights[shown(value)] for value in values], [(height, kind) for kind, height in heights.items()]
    scaled = [float(value) for value in values]
    if min(scaled) > 0 and max(scaled) > 20 * min(scaled):
        scaled = [math.log(value) for value in scaled]
    low, high = min(scaled), max(scaled)
    ends = [(0.0, f"{min(values):.4g}"), (1.0, f"{max(values):.4g}")]
    return [(value - low) / (high - low) for value in scaled], ends


def _words(axes: Any, below: str, beside: str) -> None:
    axes.set_xlabel(below, color=INK, fontsize=9)
    axes.set_ylabel(beside, color=INK, fontsize=9)
