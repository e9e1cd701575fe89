"""How far the grid is: a bar with the remaining time, and one line per row of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from kerasseq.plugin import err
from kerasseq_bench.layers.cells import Cell
from kerasseq_bench.layers.rows import row

__all__ = ["GridProgress"]

WINDOW = 900
"""Seconds over which the speed is averaged; cells cost more and less."""


class GridProgress:
    """Told of every round. Where stderr is no terminal there are only the lines."""

    def __init__(self, cells: Sequence[Cell], rounds: int) -> None:
        self.rounds = rounds
        self.console = err()
        self.bar = Progress(
            TextColumn("{task.fields[what]}"),
            BarColumn(bar_width=16),
            TextColumn("{task.percentage:.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left about"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
            speed_estimate_period=WINDOW,
        )
        self.task = self.bar.add_task("grid", total=sum(cell.effort() for cell in cells), what="start")
        self.number = 0
        self.count = len(cells)

    def __enter__(self) -> GridProgress:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def step(self, cell: Cell, what: str) -> None:
        """`what` of a cell begins: `"build"`, then each round."""
        begun = 0.0 if what == "build" else cell.effort() / self.rounds
        self.bar.update(self.task, advance=begun, what=f"{cell.name()}, {what}")

    def cell(self, measured: Mapping[str, Any]) -> None:
        """A cell is done."""
        self.number += 1
        found = row(Cell(**measured["cell"]), measured)
        speeds = "  ".join(f"{name} {speed.median:,.0f}" for name, speed in found.speeds.items())
        failed = "".join(f"  {name} failed: {cause}" for name, cause in found.failed.items())
        self.console.print(f"{self.number}/{self.count} {found.cell.name()}: {speeds}  ratio {found.ratio:.2f}{failed}")
