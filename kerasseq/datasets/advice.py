"""What is said where a file cannot be read in place of the experiment's own: nobody can change a setting for it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from kerasseq.datasets.problems import shown
from kerasseq.datasets.reading import missing
from kerasseq.datasets.table import Table
from kerasseq.errors import DataError, UsageError
from kerasseq.given import said
from kerasseq.spec import DatasetSpec

__all__ = ["advised", "check", "check_columns"]

_ENCODING = re.compile(r'; encoding = "([^"]+)" reads (?:it|the file)$', re.MULTILINE)


def check_columns(table: Table, path: Path | str) -> None:
    """Raise a UsageError where a text column is missing; it says the option that names another one."""
    if not Path(path).is_file() or not table.layout.format_for(path):
        return
    options = dict.fromkeys(table.text, "--text") | ({table.text_2: "--text-2"} if table.text_2 else {})
    if table.target and isinstance(table.target, str):
        options[table.target] = "--target"
    try:
        lacking = missing(path, table.layout, list(options))
    except DataError:
        return  # `check` says it
    wrong = [
        f'{path}: must have a column "{column}", got {", ".join(names)}; {options[column]} COLUMN names another one'
        for column, names in lacking.items()
    ]
    if wrong:
        raise UsageError("\n".join(wrong))


def check(dataset: DatasetSpec, path: Path | str) -> None:
    """Raise a UsageError where the file at `path` cannot be what `dataset` reads."""
    wrong = [_told(path, message) for _, message in dataset.problems()]
    if wrong:
        raise UsageError("\n".join(wrong))


@contextlib.contextmanager
def advised() -> Iterator[None]:
    """Turn advice to change a setting of the experiment, which another table must not change, into what helps."""
    try:
        yield
    except (DataError, UsageError) as error:
        message = _ENCODING.sub(r"; --encoding \1 reads it", str(error))
        if message == str(error):
            raise
        raise type(error)(message) from error


def _told(path: Path | str, message: str) -> str:
    """A problem of `Table`, which speaks of its settings, as one of the file at `path`."""
    name = shown(path)
    if message.startswith(f"{name}:"):
        return message
    message = message.replace(f"must be a file, got {path}", f"must be a file, got {_there(path)}", 1)
    message = message.replace(f"has no known suffix: {Path(path).name}", "has no known suffix", 1)
    message = message.replace(f'must be a column of {name}, got "', 'must have a column "', 1)
    message = message.replace(f'must be one column of {name}, "', 'must have each column once, "', 1)
    return f"{said(path) or path}: {message}"


def _there(path: Path | str) -> str:
    return "a folder" if Path(path).is_dir() else "nothing there"
