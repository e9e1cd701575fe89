"""How much a verb says, where, and in which form: --quiet, --log-file, --json."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from kerasseq.console import LOG_FILE, QUIET, LogFile, show_log
from kerasseq.files import sound

__all__ = ["Talk", "json_option", "talk", "talk_options"]

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")


def talk_options(function: F) -> F:
    """--quiet and --log-file, for `talk`."""
    text = "Append every message with its time, as JSON where the name ends in .jsonl."
    path = click.Path(path_type=Path, dir_okay=False)
    function = click.option("--log-file", type=path, envvar=LOG_FILE, show_envvar=True, help=text)(function)
    text = "Errors and the result alone."
    return click.option("-q", "--quiet", is_flag=True, envvar=QUIET, show_envvar=True, help=text)(function)


class Talk(logging.Handler):
    """Keeps warnings for a result in JSON, and the stdout that it belongs to.

    Attributes:
        warnings: So far.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.warnings: list[str] = []
        self._stdout = sys.stdout

    def show(self, result: Mapping[str, Any]) -> None:
        """Print one object, with the warnings; a number that JSON lacks is null."""
        told = sound({**result, "warnings": self.warnings})
        click.echo(json.dumps(told, ensure_ascii=False, indent=2), file=self._stdout)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.warnings.append(record.getMessage())


def talk(ctx: click.Context, quiet: bool = False, log_file: Path | None = None, as_json: bool = False) -> Talk:
    """Talk as the command line says until it has ended, its last error included.

    Args:
        ctx: Of the verb.
        quiet: Errors alone on stderr.
        log_file: Gets every message.
        as_json: Nothing but the result goes to stdout.

    Raises:
        UsageError: Nothing can be written to the file.
    """
    return ctx.find_root().with_resource(_talking(quiet, log_file, as_json))


@contextlib.contextmanager
def _talking(quiet: bool, log_file: Path | None, as_json: bool) -> Iterator[Talk]:
    logger, talk = logging.getLogger("kerasseq"), Talk()
    wanted = {QUIET: "1" if quiet else "", LOG_FILE: str(log_file.absolute()) if log_file else ""}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        try:
            show_log()
        except OSError as cause:
            message = (
                f"--log-file: must be a file that can be written to, got {log_file}: {(cause.strerror or '').lower()}"
            )
            raise click.UsageError(message) from cause
        logger.addHandler(talk)
        with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
            yield talk
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            os.environ.update({name: value} if value is not None else {})
        for handler in [each for each in logger.handlers if isinstance(each, LogFile | Talk)]:
            logger.removeHandler(handler)
            handler.close()
        show_log()
