"""The ratio to the best rival, a dot for each row of the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasseq.plugin import atomic
from kerasseq_bench.layers.cells import GATES
from kerasseq_bench.layers.rows import Row

__all__ = ["draw"]

COLOURS = {"equal": "#777777", "imdb": "#1f6fb4", "tweets": "#d2691e"}
SHIFTS = {"equal": -0.24, "imdb": 0.0, "tweets": 0.24}


def draw(rows: Sequence[Row], file: Path) -> None:
    """One panel per layer: a line per direction and width, dots on a log axis, filled for training."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    layers = [layer for layer in GATES if any(row.cell.layer == layer for row in rows)]
    if not layers:
        return
    figure, panels = plt.subplots(1, len(layers), figsize=(1.5 + 3.6 * len(layers), 4.2), sharex=True, squeeze=False)
    for panel, layer in zip(panels[0], layers, strict=True):
        _panel(panel, layer, [row for row in rows if row.cell.layer == layer and row.ratio])
    handles = [_handle(kind, True, kind) for kind in COLOURS]
    handles += [_handle("equal", True, "train"), _handle("equal", False, "predict")]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), frameon=False)
    figure.suptitle("kerasseq over its best rival, sequences per second")
    figure.tight_layout(rect=(0, 0.06, 1, 1))
    with atomic(file) as temporary:
        figure.savefig(temporary, dpi=150)
    plt.close(figure)


def _panel(panel: Any, layer: str, rows: Sequence[Row]) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    lines = list(dict.fromkeys(_line(row) for row in rows))
    for row in rows:
        y = lines.index(_line(row)) + SHIFTS[row.cell.lengths]
        colour = COLOURS[row.cell.lengths]
        filled = row.cell.mode == "train"
        panel.plot(row.ratio, y, "o", markersize=6, color=colour, markerfacecolor=colour if filled else "white")
    panel.axvline(1, color="black", linewidth=1)
    panel.set_title(layer)
    panel.set_xscale("log")
    panel.xaxis.set_major_locator(FixedLocator([0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32]))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.set_yticks(range(len(lines)), lines)
    panel.set_ylim(len(lines) - 0.5, -0.5)
    panel.grid(axis="x", color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)


def _line(row: Row) -> str:
    """What stands at the left of its dot."""
    return "\n".join([f"{row.cell.directions} {row.cell.units}", *row.cell.beyond()])


def _handle(kind: str, filled: bool, label: str) -> Any:
    from matplotlib.lines import Line2D

    colour = COLOURS[kind]
    return Line2D(
        [], [], marker="o", linestyle="", color=colour, markerfacecolor=colour if filled else "white", label=label
    )
