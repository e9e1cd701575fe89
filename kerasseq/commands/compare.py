"""`kerasseq compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kerasseq.commands import complete
from kerasseq.commands.options import experiments_argument, set_option
from kerasseq.commands.talk import json_option, talk, talk_options
from kerasseq.console import for_stdout, tell

if TYPE_CHECKING:
    from kerasseq.compare.result import Comparison
    from kerasseq.compare.tables import Table

__all__ = ["compare"]

WIDE = 250
"""Columns of the tables where the output is no terminal: no cell is broken."""


@click.command()
@experiments_argument("models", "CONFIG|RUN...", complete.models)
@click.option(
    "--backends",
    default="",
    metavar="NAMES",
    shell_complete=complete.backends,
    help="Train each config on each of these: torch,jax. Default: what the config says.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    default=3,
    show_default=True,
    help="Train each config so often, with its own seed and those that follow it.",
)
@click.option(
    "--folds",
    type=click.IntRange(2, 100),
    metavar="K",
    help="Train each config and seed K times, each row being measured on once, by group where there is a group column.",
)
@set_option
@click.option(
    "--over",
    multiple=True,
    metavar="KEY=VALUES",
    shell_complete=complete.keys,
    help="Train each config with each of these: encoder.name=gru,lstm. Of several, with every combination.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for tables and runs; one of an earlier call goes on there. Default: comparisons/0001, then 0002.",
)
@talk_options
@json_option
@click.pass_context
def compare(
    ctx: click.Context,
    models: tuple[Path, ...],
    backends: str,
    seeds: int,
    folds: int | None,
    overrides: tuple[str, ...],
    over: tuple[str, ...],
    out: Path | None,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """Train models and put them beside each other: scores, size, time and memory.

    Each CONFIG is trained with every seed on every backend, one after another, each in a process of its own; a finished
    RUN is taken as it is. Prints the tables and writes comparison.md, .html, .csv and .json. What differs beyond
    chance, a paired bootstrap over test rows and seeds says. Exit code 1: a run failed, or two backends differ beyond
    what the seeds explain.
    """
    if all(path.is_dir() for path in models):
        given = [name for name in ("backends", "seeds", "folds", "overrides", "over") if _written(ctx, name)]
        if given:
            options = ", ".join("--set" if name == "overrides" else f"--{name}" for name in given)
            raise click.UsageError(f"{options}: must have a CONFIG to train, got finished runs alone")
    from kerasseq.compare.files import as_json as result
    from kerasseq.compare.plan import make_plan
    from kerasseq.compare.road import compare as road
    from kerasseq.console import say
    from kerasseq.run_directory import RunDirectory

    told = talk(ctx, quiet, log_file, as_json)

    names = [name.strip() for name in backends.split(",")] if backends else []
    plan = make_plan(models, names, seeds, overrides, over, folds or 0)
    out = out or RunDirectory.create(Path(), "comparisons").path
    try:
        found = road(plan, out, say)
    except KeyboardInterrupt as stop:
        stop.add_note(f"{out} holds the runs so far; go on with the same command and: --out {out}")
        raise
    if as_json:
        files = {path.suffix[1:]: str(path) for path in sorted(out.glob("comparison.*"))}
        told.show({"out": str(out), **result(found), "failed": found.failed, "files": files})
    else:
        _show(found)
        tell(f"page: {out / 'comparison.html'}")
    if found.failed:
        ctx.exit(1)


def _written(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _show(found: Comparison) -> None:
    """The tables on stdout."""
    from kerasseq.compare.tables import backends, costs, facts, failures, scores
    from kerasseq.console import out

    console = out(WIDE)
    tell(facts(found))
    for remark in found.remarks:
        tell(remark)
    for table in (scores(found), costs(found), backends(found), failures(found)):
        if table is not None:
            console.print(_rich(table))


def _rich(table: Table) -> object:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.SIMPLE, title=Text(table.title), title_justify="left", title_style="bold", pad_edge=False)
    for name in table.head:
        drawn.add_column(Text(name), overflow="fold")
    for number, row in enumerate(table.rows):
        style = "bold" if number in table.bold else ""
        cells = [Text(for_stdout(f"{cell.text}\n{cell.below}" if cell.below else cell.text)) for cell in row]
        drawn.add_row(*cells, style=style)
    return drawn
