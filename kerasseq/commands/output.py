"""A text that a verb writes: to a file that is not there yet, or to standard output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kerasseq.console import tell

__all__ = ["force_option", "free", "output_option", "write"]

force_option = click.option("--force", is_flag=True, help="Overwrite the file if it is there.")


def output_option(default: str) -> Callable[[Any], Any]:
    """The file; `default` says what happens without it."""
    return click.option("-o", "--output", type=click.Path(path_type=Path), help=f"File to write; {default}.")


def free(output: Path, force: bool) -> None:
    """Nothing, where a file can be written.

    Raises:
        UsageError: It is a directory, or is there and `force` is not set.
    """
    from kerasseq.errors import UsageError

    if output.is_dir():
        raise UsageError(f"--output must be a file, got the directory {output}")
    if output.exists() and not force:
        raise UsageError(f"{output} is already there; --force overwrites it, --output writes another file")


def write(text: str, output: Path | None, force: bool) -> None:
    """Write to standard output where `output` is None, else to that file.

    Raises:
        UsageError: See `free`.
    """
    from kerasseq.files import write_text

    if output is None:
        tell(text, nl=False)
        return
    free(output, force)
    write_text(output, text)
    click.echo(f"wrote {output}", err=True)
