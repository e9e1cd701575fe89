"""The numbers as tables, the same for a terminal and for the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kerasseq.console import count
from kerasseq.gradient_flow.measured import Examination, Facts, Layer, Symptom, When

__all__ = ["Table", "calm", "facts", "gates", "layers", "set_line", "share", "tables", "updates"]

MOST = 12
"""Weights that the table shows, those that change most."""


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        title: Above it.
        head: Of each column.
        rows: Cells.
        note: What to read in it.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str


def facts(one: Facts) -> list[str]:
    """What was looked at."""
    said = [one.kind, f"{count(one.rows, f'{one.side} {one.row}')}", f"backend {one.backend}"]
    said.append(f"padding {share(one.padding)}")
    said.append(f"truncated {share(one.truncated)} of rows" if one.truncated is not None else "nothing is truncated")
    if one.bptt:
        said.append(f"training.bptt {one.bptt}")
    return said


def tables(found: Examination) -> list[Table]:
    """All that have rows."""
    return [table for table in (layers(found), gates(found), updates(found)) if table.rows]


def layers(found: Examination) -> Table:
    """What each layer does to a gradient."""
    rows = []
    for when, layer in _each(found):
        rows.append(
            [
                layer.path,
                when,
                f"{layer.cell} {layer.units}",
                f"{layer.rate:.3g}",
                f"{_short(layer.left)} over {layer.horizon}",
                "all of a row" if layer.reach is None else count(layer.reach, "step"),
                ", ".join(f"{name} {radius:.2f}" for name, radius in layer.radius.items()) or "–",
                f"{len(layer.dead)} of {layer.units}",
            ]
        )
    head = ("layer", "training", "cell", "a step", "left", "reach", "largest eigenvalue", "dead units")
    note = (
        "a step: what a gradient is multiplied by on its way back; left: of a gradient of length 1 over a long row, "
        "three of four are no longer; reach: steps after which less than a hundredth is left"
    )
    return Table("Recurrent layers", head, rows, note)


def gates(found: Examination) -> Table:
    """What gates do."""
    rows = []
    for when, layer in _each(found):
        lines = [(name, f"{gate.mean:.2f}", share(gate.shut), share(gate.open)) for name, gate in layer.gates.items()]
        if layer.saturated is not None:
            lines.append(("tanh", "–", "–", share(layer.saturated)))
        rows += [[layer.path, when, *line] for line in lines]
    note = "shut: share of activations below 0.05; open: above 0.95, of tanh beyond it on either side"
    return Table("Gates", ("layer", "training", "gate", "mean", "shut", "open"), rows, note)


def updates(found: Examination) -> Table:
    """What an update changes, of the weights that change most."""
    last = list(found.stages.values())[-1]
    known = [(each.ratio, each.path) for each in last.updates if each.ratio is not None]
    before = {each.path: each.ratio for stage in list(found.stages.values())[:-1] for each in stage.updates}
    rows = []
    for ratio, path in sorted(known, reverse=True)[:MOST]:
        began = before.get(path)
        cells = ["–" if began is None else _short(began)] if len(found.stages) > 1 else []
        rows.append([path, *cells, _short(ratio)])
    head = ("weight", "before", "after") if len(found.stages) > 1 else ("weight", "update / weight")
    note = "norm of one update over that of the weight, at the learning rate of the time; a thousandth is usual"
    return Table("Updates", head, rows, note)


def calm(found: Examination) -> str:
    """What is said where neither a vanishing nor an exploding gradient was found."""
    last = list(found.stages.values())[-1]
    least = min((layer.left for layer in last.layers), default=1.0)
    return f"of a gradient at least {_short(least)} is left over a long row"


def set_line(symptom: Symptom) -> str:
    """`encoder.name = "lstm"`, as it stands in a file; empty where nothing is to be set."""
    return ", ".join(f"{key} = {_toml(value)}" for key, value in symptom.settings.items())


def share(value: float | None) -> str:
    """`12 %`."""
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if value < 0.1 else f"{100 * value:.0f} %"


def _toml(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _each(found: Examination) -> list[tuple[When, Layer]]:
    """Each layer in the order in which they read, before training and after it one below the other."""
    every = [(place, when, layer) for when, stage in found.stages.items() for place, layer in enumerate(stage.layers)]
    return [(when, layer) for _, when, layer in sorted(every, key=lambda each: (each[0], each[1] != "before"))]


def _short(value: float) -> str:
    return f"{value:.2g}" if math.isfinite(value) else "no number"
