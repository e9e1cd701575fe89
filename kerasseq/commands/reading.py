"""Options that say how one file is read: they belong to the file, not to a run or a config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from kerasseq.datasets.reading import Reading

__all__ = ["column_options", "file_options", "named", "reading_of", "said"]

F = TypeVar("F", bound=Callable[..., Any])

NAMES = ("text", "text_2", "target", "encoding", "delimiter", "header")


def column_options(of: str) -> Callable[[F], F]:
    """Which columns hold the texts.

    Args:
        of: The option that names the file.
    """
    text = f"The column of the texts in {of}, where it is not the run's; of several, joined by a space."

    def add(function: F) -> F:
        second = click.option("--text-2", default="", metavar="COLUMN", help="The column of the second texts of pairs.")
        return click.option("--text", multiple=True, metavar="COLUMN", help=text)(second(function))

    return add


def file_options(of: str) -> Callable[[F], F]:
    """How a file is written; what is not said is judged by the file."""
    options = (
        click.option("--encoding", default="", metavar="NAME", help=f"Of {of}: utf-8, cp1256, ...; else judged by it."),
        click.option("--delimiter", default="", metavar="CHAR", help=f"Between fields of {of}; else judged likewise."),
        click.option(
            "--header/--no-header",
            default=None,
            help=f"Whether the first row of {of} names the columns; without names they are column_1, column_2, ...",
        ),
    )

    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def reading_of(
    text: tuple[str, ...], text_2: str, target: str, encoding: str, delimiter: str, header: bool | None
) -> Reading:
    """What the options say.

    Raises:
        UsageError: An encoding that Python does not know, or a delimiter of several characters.
    """
    from kerasseq.datasets.reading import Reading

    return Reading(text, text_2, _encoding(encoding), _delimiter(delimiter), target, header)


def said(reading: Reading) -> list[str]:
    """The options that were given."""
    return named({name: getattr(reading, name) for name in NAMES})


def named(values: Mapping[str, Any]) -> list[str]:
    """The options that have a value.

    >>> named({"text_2": "reply", "encoding": "", "header": False})
    ['--text-2', '--header']
    """
    return [f"--{name.replace('_', '-')}" for name, value in values.items() if value not in ("", (), None)]


def _encoding(name: str) -> str:
    if not name:
        return ""
    from kerasseq.datasets.file_settings import known_encoding

    try:
        return known_encoding(name)
    except ValueError as cause:
        raise click.UsageError(f"--encoding: {cause}") from cause


def _delimiter(text: str) -> str:
    """One character; a tab may be written as it is in most languages."""
    found = {"\\t": "\t", "tab": "\t"}.get(text, text)
    if len(found) > 1 or found in ('"', "\r", "\n"):
        raise click.UsageError(f'--delimiter: must be one character, no quote and no line end, got "{text}"')
    return found
