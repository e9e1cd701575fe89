"""`kerasseq dataset`: look at the data before training, and get the named sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kerasseq.commands.group import Verbs
from kerasseq.commands.options import backend_option, config_argument, set_option
from kerasseq.commands.talk import json_option, talk, talk_options
from kerasseq.console import tell

if TYPE_CHECKING:
    from kerasseq.datasets.fetchable import Fetchable
    from kerasseq.diagnosis.findings import Diagnosis

__all__ = ["dataset"]


@click.group(cls=Verbs)
def dataset() -> None:
    """Look at data before training; list and fetch named sets."""


@dataset.command()
@config_argument
@set_option
@backend_option
@talk_options
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    config: Path,
    overrides: tuple[str, ...],
    backend: str,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """Say whether the data of an experiment is fit to train on.

    Reads and splits the rows, trains the tokenizer, and reports what passed, what a person should look at and what is
    wrong: rows, lengths, balance, duplicates, overlap, empty texts, unknown tokens, scripts. No backend is imported.
    Exit code 1 when something is wrong.
    """
    from kerasseq.config.read import read_experiment
    from kerasseq.corpus.split import split

    told = talk(ctx, quiet, log_file, as_json)
    experiment = read_experiment(config, overrides, backend)
    table = experiment.task.table(experiment.dataset.build(), experiment.split)
    sides = split(table, experiment.split, experiment.task.target)
    found = experiment.task.diagnose(experiment, table, sides)
    if as_json:
        told.show({"config": str(config), **_as_json(found)})
    else:
        tell(found.render())
    if found.errors:
        raise click.exceptions.Exit(1)


def _as_json(found: Diagnosis) -> dict[str, Any]:
    counts = {"passed": len(found.passes), "warned": len(found.warnings), "failed": len(found.errors)}
    findings = [
        {
            "status": one.status,
            "name": one.name,
            "message": one.message,
            "numbers": dict(one.numbers),
            "details": list(one.details),
        }
        for one in found.findings
    ]
    return {**counts, "findings": findings}


@dataset.command("list")
def list_sets() -> None:
    """List the named data sets: licence, what is here, what they hold."""
    rows = [("name", "licence", "here", "holds"), *_rows()]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for *cells, last in rows:
        start = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        tell(f"{start}  {last}".rstrip())


@dataset.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def fetch(names: tuple[str, ...]) -> None:
    """Download named data sets into the cache.

    KERASSEQ_CACHE is the folder, KERASSEQ_MIRROR a base address to fetch from instead of the sources. Checksums are
    checked; what is already there is not fetched again.
    """
    from kerasseq.console import show_log
    from kerasseq.errors import DownloadError, UsageError
    from kerasseq.registry.components import nearest

    sets = dict(_fetchable())
    wrong = [f'unknown data set "{name}"{nearest(name, sorted(sets))}' for name in names if name not in sets]
    if wrong:
        raise UsageError("\n".join(wrong))
    show_log()
    failed = []
    for name in dict.fromkeys(names):
        try:
            paths = sets[name].fetch()
        except DownloadError as error:
            failed.append(f"{name}: {error}")
            continue
        for side, path in paths.items():
            tell(f"{name} {side}: {path}")
    if failed:
        raise DownloadError("\n".join(failed))


def _fetchable() -> Iterator[tuple[str, Fetchable]]:
    """Name -> data set, of those whose files come from the network."""
    from pydantic import ValidationError

    from kerasseq.config.installed import installed
    from kerasseq.datasets.fetchable import Fetchable

    for name, _, spec in installed("dataset"):
        try:
            made = spec(name=name)
        except ValidationError:  # it needs settings, as a table of the user's own does
            continue
        if isinstance(made, Fetchable):
            yield name, made


def _rows() -> Iterator[tuple[str, str, str, str]]:
    from kerasseq.datasets.bundled import Bundled

    yield "bundled", Bundled.licence, "shipped", _first_line(Bundled.__doc__)
    for name, made in _fetchable():
        yield name, made.licence, _here(made), _first_line(type(made).__doc__)


def _here(made: Fetchable) -> str:
    from kerasseq.datasets.fetch import cached

    if not all(cached(file) for file in made.files.values()):
        return "not fetched"
    size = sum(file.path.stat().st_size for file in made.files.values())
    return f"cached, {size / 1e6:.1f} MB"


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0] if text else ""
