"""How training goes, on stderr or in the output of a notebook's cell."""

from __future__ import annotations

import contextlib
import io
import math
import time
from typing import TYPE_CHECKING, Any

from kerasseq.console import err, figure, is_plain, is_quiet, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

__all__ = ["TrainingProgress", "told"]

JUDGED = "validation_"
"""What the numbers of the rows that choose the epoch begin with."""

WAIT = 0.2
"""Seconds between two pictures of a bar in a notebook."""


class TrainingProgress:
    """A bar with loss, score, tokens per second and time left, and one line per epoch.

    In a notebook both stand in one output of the cell. Where stderr is no terminal there are only the lines.

    Args:
        epochs: The most that there will be.
    """

    def __init__(self, epochs: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.epochs = epochs
        self.console = err()
        self.cell: _Cell | None = None
        self.bar = Progress(
            TextColumn("{task.fields[name]}epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(bar_width=12),
            TextColumn("loss {task.fields[loss]:.4f}  {task.fields[score]}  {task.fields[speed]:,.0f} tokens/s"),
            TimeRemainingColumn(),
            TextColumn("left at most"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal or is_plain() or is_quiet(),
        )
        self.task = self.bar.add_task(
            "train", total=None, name="", epoch=1, epochs=epochs, loss=math.nan, score="", speed=0.0
        )
        self.name = ""
        self.updates = 0
        self.tokens = 0
        self.done = 0
        self.started = time.perf_counter()

    def __enter__(self) -> TrainingProgress:
        if self.console.is_jupyter:
            self.cell = _Cell()
        else:
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()
        if self.cell is not None:
            self.cell.write()

    def part(self, name: str, epochs: int) -> None:
        """A fold begins, or what follows the folds."""
        self.name = f"{name}: "
        self.epochs, self.updates, self.tokens, self.done = epochs, 0, 0, 0
        self.bar.reset(self.task, total=None, name=self.name, epoch=1, epochs=epochs, score="")

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """One update is done."""
        if not self.updates:
            self.started = time.perf_counter()  # the first update also waited for the data and for compilation
        else:
            self.tokens += tokens
        self.updates += 1
        speed = self.tokens / max(time.perf_counter() - self.started, 1e-9)
        self.bar.update(self.task, advance=1, epoch=epoch, loss=loss, speed=speed)
        if self.cell is not None and self.cell.waited():
            self.cell.write(self.bar.get_renderable())

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """One epoch is done; the first one seen tells how many updates there may be, of a continued run the rest."""
        self.done += 1
        total = self.updates / self.done * (self.done + self.epochs - row["epoch"])
        numbers = {k: v for k, v in row.items() if k not in ("epoch", "gradient_norm", "learning_rate")}
        shown = "  ".join(f"{name} {figure(value, 4)}" for name, value in numbers.items())
        scores = [f"{k.removeprefix(JUDGED)} {figure(v)}" for k, v in numbers.items() if k.startswith(JUDGED)]
        self.bar.update(self.task, total=total, score=scores[-1] if scores else "")
        line = (
            f"{self.name}epoch {row['epoch']:3d}/{self.epochs}  {shown}  lr {row['learning_rate']:.2g}  {seconds:.1f} s"
        )
        if self.cell is None:
            say(line)
        else:
            self.cell.lines.append(line)
            self.cell.write(self.bar.get_renderable())


class _Cell:
    """An output of a notebook's cell that is written anew: lines, and what moves below them.

    rich would need ipywidgets for it, and without them gives each line an output of its own.
    """

    def __init__(self) -> None:
        from IPython.display import display

        self.lines: list[str] = []
        self.written = 0.0
        self.handle = display({"text/plain": ""}, raw=True, display_id=True)

    def waited(self) -> bool:
        """Whether the last picture is old enough for another one."""
        return time.monotonic() - self.written >= WAIT

    def write(self, below: Any = "") -> None:
        """Show the lines and `below`, which is anything that rich can print."""
        from rich.console import Console

        drawn = Console(file=io.StringIO(), width=110, force_jupyter=False, force_terminal=False, no_color=True)
        with drawn.capture() as picture:
            drawn.print(below)
        self.handle.update({"text/plain": "\n".join([*self.lines, picture.get().rstrip()]).rstrip()}, raw=True)
        self.written = time.monotonic()


@contextlib.contextmanager
def told(progress: Any, epochs: int) -> Iterator[Any]:
    """Who is told how training goes: whoever is given, a `TrainingProgress` for True, nobody for False or None."""
    if progress is True:
        with TrainingProgress(epochs) as shown:
            yield shown
    else:
        yield progress or None
