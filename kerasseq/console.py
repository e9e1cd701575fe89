"""What a person sees: messages go to stderr, results to stdout."""

from __future__ import annotations

import datetime as dt
import errno
import json
import logging
import os
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

__all__ = [
    "LOG_FILE",
    "QUIET",
    "LogFile",
    "columns",
    "count",
    "err",
    "figure",
    "for_stdout",
    "is_plain",
    "is_quiet",
    "isolated",
    "out",
    "record",
    "say",
    "show_log",
    "shown_safely",
    "tell",
]

QUIET = "KERASSEQ_QUIET"
"""Variable that leaves errors alone on stderr; processes that are started have it too."""
LOG_FILE = "KERASSEQ_LOG_FILE"
"""Variable with the path of a file that gets every message with its time."""

log = logging.getLogger("kerasseq")


def is_plain() -> bool:
    """Whether a terminal is to get no escape codes: NO_COLOR is set, or TERM is dumb."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM", "") in ("dumb", "unknown")


def is_quiet() -> bool:
    """Whether stderr is to get errors alone."""
    return os.environ.get(QUIET, "") not in ("", "0")


def err() -> Console:
    """A console on stderr, for progress and messages."""
    return _console(stderr=True, soft_wrap=True)


def out(width: int) -> Console:
    """A console on stdout, for tables, as wide as the terminal.

    Args:
        width: Where stdout is none.
    """
    console = _console(emoji=False)
    if not console.is_terminal:
        console.width = width
    return console


def _console(**settings: Any) -> Console:
    from rich.console import Console

    class Piped(Console):
        """Raises where nobody reads any more, as any other write does; rich would end the process."""

        def on_broken_pipe(self) -> None:
            """Raise anew what rich has caught."""
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    color = None if is_plain() else "auto"
    return Piped(highlight=False, markup=False, color_system=color, **settings)  # type: ignore[arg-type]


def figure(value: float, decimals: int = 3) -> str:
    """A number with so many decimals, or with two digits where it is so small that these say nothing of it.

    >>> figure(0.9123), figure(0.0), figure(3.14e-7), figure(0.0004, 4)
    ('0.912', '0.000', '3.1e-07', '0.0004')
    """
    return f"{value:.1e}" if 0 < abs(value) < 0.5 * 10**-decimals else f"{value:.{decimals}f}"


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


def isolated(text: str) -> str:
    """A word among others on a line, kept apart from them where something in it runs from the right.

    >>> isolated("tea"), isolated("شاي").encode("unicode_escape")[:6]
    ('tea', b'\\\\u2068')
    """
    right = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)
    return f"\u2068{text}\u2069" if right else text


def shown_safely(text: str) -> str:
    """A message without what commands a terminal: control characters of C0 and C1 as Python writes them.

    Names and rows of a foreign file reach messages; what is stored stays as it is.

    >>> print(shown_safely("pool" + chr(27) + "[2J"))
    pool\\x1b[2J
    """
    return text.translate(_CONTROLS)


def for_stdout(text: str) -> str:
    """What standard output gets: a terminal no commands that a row may hold, a pipe or a file what there is."""
    return shown_safely(text) if sys.stdout is not None and sys.stdout.isatty() else text


def tell(text: str = "", nl: bool = True, bold: bool = False) -> None:
    """Print a result, see `for_stdout`.

    Args:
        text: One or more lines.
        nl: Whether a line end follows.
        bold: Whether a terminal shows it so.
    """
    import click

    said = for_stdout(text)
    click.echo(click.style(said, bold=True) if bold else said, nl=nl)


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what stderr is at the time of the message."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    def format(self, record: logging.LogRecord) -> str:
        """One message."""
        return shown_safely(super().format(record))

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
            told = {"time": when, "level": level, "logger": record.name, "message": shown_safely(message)}
            return json.dumps(told, ensure_ascii=False)
        return "\n".join(f"{when} {level:<7} {shown_safely(line)}" for line in message.splitlines() or [""])


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
    """A line on stderr, and in LOG_FILE; where nobody asked for the log, on stderr alone."""
    if any(isinstance(handler, _Stderr) for handler in log.handlers):
        log.info("%s", message)
    elif not is_quiet():
        err().print(shown_safely(message))


def record(message: str) -> None:
    """An error that stderr got already, in LOG_FILE alone."""
    for handler in log.handlers:
        if isinstance(handler, LogFile):
            handler.handle(log.makeRecord(log.name, logging.ERROR, "", 0, "%s", (message,), None))
