"""What a person sees: progress, tables and messages go to stderr, results to stdout."""

from __future__ import annotations

import logging
import math
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

__all__ = ["TrainingProgress", "err", "out", "show_log"]


def err() -> Console:
    """A console on stderr, for progress and messages."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def out() -> Console:
    """A console on stdout, for results."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def show_log() -> None:
    """Write kerasseq's own log to stderr, a line a message."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("kerasseq")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


class TrainingProgress:
    """A bar with loss, tokens per second and time left, and one line per epoch.

    Where stderr is no terminal there are only the lines.

    Args:
        epochs: The most that there will be.
        tokens: Training tokens of an epoch.
    """

    def __init__(self, epochs: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.epochs = epochs
        self.console = err()
        self.bar = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(),
            TextColumn(
                "loss {task.fields[loss]:.4f}  {task.fields[score]}  {task.fields[speed]:,.0f} tokens/s  at most"
            ),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self.task = self.bar.add_task("train", total=None, epoch=1, epochs=epochs, loss=math.nan, score="", speed=0.0)
        self.updates = 0
        self.tokens = 0
        self.started = time.perf_counter()

    def __enter__(self) -> TrainingProgress:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """One update is done."""
        self.updates += 1
        self.tokens += tokens
        speed = self.tokens / max(time.perf_counter() - self.started, 1e-9)
        self.bar.update(self.task, advance=1, epoch=epoch, loss=loss, speed=speed)

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """One epoch is done; the first one tells how many updates there may be."""
        per_epoch = self.updates / row["epoch"]
        numbers = {k: v for k, v in row.items() if k not in ("epoch", "gradient_norm", "learning_rate")}
        shown = "  ".join(f"{name} {value:.4f}" for name, value in numbers.items())
        scores = [f"{k.removeprefix('validation_')} {v:.3f}" for k, v in numbers.items() if k.startswith("validation_")]
        self.bar.update(self.task, total=per_epoch * self.epochs, score=scores[-1] if scores else "")
        self.console.print(
            f"epoch {row['epoch']:3d}/{self.epochs}  {shown}  lr {row['learning_rate']:.2g}  {seconds:.1f} s"
        )
