"""What a person sees: progress and messages go to stderr, results to stdout."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import logging
import math
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from rich.console import Console

__all__ = [
    "LOG_FILE",
    "QUIET",
    "LogFile",
    "TrainingProgress",
    "columns",
    "count",
    "err",
    "is_plain",
    "is_quiet",
    "out",
    "record",
    "say",
    "show_log",
    "told",
]

QUIET = "KERASSEQ_QUIET"
"""Variable that leaves errors alone on stderr; processes that are started have it too."""
LOG_FILE = "KERASSEQ_LOG_FILE"
"""Variable with the path of a file that gets every message with its time."""

WAIT = 0.2
"""Seconds between two pictures of a bar in a notebook."""

log = logging.getLogger("kerasseq")


def is_plain() -> bool:
    """Whether a terminal is to get no escape codes: NO_COLOR is set, or TERM is dumb."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM", "") in ("dumb", "unknown")


def is_quiet() -> bool:
    """Whether stderr is to get errors alone."""
    return os.environ.get(QUIET, "") not in ("", "0")


def err() -> Console:
    """A console on stderr, for progress and messages."""
    from rich.console import Console

    color = None if is_plain() else "auto"
    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False, color_system=color)  # type: ignore[arg-type]


def out(width: int) -> Console:
    """A console on stdout, for tables, as wide as the terminal.

    Args:
        width: Where stdout is none.
    """
    from rich.console import Console

    color = None if is_plain() else "auto"
    console = Console(highlight=False, markup=False, emoji=False, color_system=color)  # type: ignore[arg-type]
    if not console.is_terminal:
        console.width = width
    return console


def count(number: int, noun: str) -> str:
    """A number of things, the noun in agreement.

    >>> count(1, "test text"), count(2000, "sentence")
    ('1 test text', '2,000 sentences')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def columns(rows: Sequence[Sequence[str]], gap: int = 2) -> list[str]:
    """Lines of aligned cells; wide characters count as the two columns that a terminal gives them.

    >>> columns([["score", "model"], ["accuracy", "0.910"]])
    ['score     model', 'accuracy  0.910']
    """
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        lines.append((" " * gap).join(cells).rstrip())
    return lines


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what stderr is at the time of the message."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


class LogFile(logging.FileHandler):
    """Appends messages to a file, each line with its time; of a name in .jsonl as JSON objects.

    Args:
        path: The file; its folder must be there.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8")
        self.as_json = path.suffix.lower() in (".jsonl", ".ndjson")

    def format(self, record: logging.LogRecord) -> str:
        """The lines of one message."""
        when = dt.datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
        level, message = record.levelname.lower(), record.getMessage()
        if self.as_json:
            told = {"time": when, "level": level, "logger": record.name, "message": message}
            return json.dumps(told, ensure_ascii=False)
        return "\n".join(f"{when} {level:<7} {line}" for line in message.splitlines() or [""])


def show_log() -> None:
    """Write kerasseq's own log to stderr, a line a message, errors alone where `is_quiet`; and to LOG_FILE.

    Each once, however often it is called.
    """
    here = [handler for handler in log.handlers if isinstance(handler, _Stderr)]
    if not here:
        here = [_Stderr()]
        here[0].setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(here[0])
    here[0].setLevel(logging.ERROR if is_quiet() else logging.INFO)
    path = os.environ.get(LOG_FILE)
    if path and not any(isinstance(handler, LogFile) for handler in log.handlers):
        log.addHandler(LogFile(Path(path)))
    log.setLevel(logging.INFO)


def say(message: str) -> None:
    """A line on stderr, and in LOG_FILE."""
    log.info("%s", message)


def record(message: str) -> None:
    """An error that stderr got already, in LOG_FILE alone."""
    for handler in log.handlers:
        if isinstance(handler, LogFile):
            handler.handle(log.makeRecord(log.name, logging.ERROR, "", 0, "%s", (message,), None))


class TrainingProgress:
    """A bar with loss, score, tokens per second and time left, and one line per epoch.

    In a notebook both stand in one output of the cell. Where stderr is no terminal there are only the lines.

    Args:
        epochs: The most that there will be.
    """

    def __init__(self, epochs: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        show_log()
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
        shown = "  ".join(f"{name} {value:.4f}" for name, value in numbers.items())
        scores = [f"{k.removeprefix('validation_')} {v:.3f}" for k, v in numbers.items() if k.startswith("validation_")]
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
