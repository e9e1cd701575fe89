"""`kerasseq diagnose`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kerasseq.commands.complete import models
from kerasseq.commands.guide import a_config, a_run
from kerasseq.commands.options import backend_option, begin, set_option
from kerasseq.commands.output import force_option, free
from kerasseq.commands.talk import json_option, talk, talk_options
from kerasseq.console import tell
from kerasseq.run_directory import RunDirectory, slug

if TYPE_CHECKING:
    from kerasseq.gradient_flow.measured import Examination
    from kerasseq.gradient_flow.road import Side

__all__ = ["diagnose"]

SIDES = ("train", "validation", "test")


def _a_network(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    """A run where the path is a folder, else an experiment."""
    a_network: Any = a_run if value.is_dir() or not value.suffix else a_config
    found: Path = a_network(ctx, param, value)
    return found


@click.command()
@click.argument(
    "network",
    metavar="RUN|CONFIG",
    type=click.Path(path_type=Path),
    callback=_a_network,
    shell_complete=models,
)
@click.option(
    "--rows", type=click.IntRange(min=1), default=256, show_default=True, metavar="NUMBER", help="Most rows to look at."
)
@click.option("--split", "side", type=click.Choice(SIDES), default="train", show_default=True, help="Whose rows.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="The page; the numbers go beside it, into FILE.json. Default: diagnosis.html in the RUN; of a CONFIG "
    "NAME.diagnosis.html.",
)
@force_option
@set_option
@backend_option
@talk_options
@json_option
@click.pass_context
def diagnose(
    ctx: click.Context,
    network: Path,
    rows: int,
    side: Side,
    output: Path | None,
    force: bool,
    overrides: tuple[str, ...],
    backend: str,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """See what gradients become in a recurrent network, and what to set.

    Of a CONFIG the network as its training would begin, of a RUN that and what training made of it: how much of a
    gradient is left at each step, whether it vanishes or explodes, how far recurrent weights stretch, what gates do,
    units that are dead, what an update changes, padding and truncation. Trains nothing. Writes a page and its numbers;
    prints them, and a sentence for what stands out.
    """
    told = talk(ctx, quiet, log_file, as_json)
    run, experiment = _asked(network, backend, overrides)
    written = output or (run.diagnosis_page if run else Path(f"{slug(experiment.name)}.diagnosis.html"))
    numbers = written.with_suffix(".json")
    if written == numbers:
        raise click.UsageError(f"--output: must be the file of a page, FILE.html, got {written}")
    if run is None or output is not None:  # what lies in a run is the run's own, and written anew
        for path in (written, numbers):
            free(path, force)
    begin(experiment.backend)
    from kerasseq.files import sound, write_json, write_text
    from kerasseq.gradient_flow.files import as_json as numbers_of
    from kerasseq.gradient_flow.page import page
    from kerasseq.gradient_flow.road import examine_config, examine_run

    if run is None:
        found = examine_config(experiment, str(network), rows, side)
    else:
        found = examine_run(run, experiment, rows, side)
    result = numbers_of(found)
    write_text(written, page(found))
    write_json(numbers, sound(result))
    if as_json:
        told.show({**result, "files": {"page": str(written), "json": str(numbers)}})
    else:
        _show(found)
        tell(f"page: {written}")


def _asked(network: Path, backend: str, overrides: tuple[str, ...]) -> tuple[RunDirectory | None, Any]:
    """The run, if it is one, and the experiment."""
    from kerasseq.config.finished import read_moved
    from kerasseq.config.read import read_experiment

    if network.is_file() or (network.suffix and not network.is_dir()):
        return None, read_experiment(str(network), overrides, backend)
    run = RunDirectory.open(network)
    return run, read_moved(run, backend, overrides)


def _show(found: Examination) -> None:
    """Tables and sentences on stdout."""
    from kerasseq.console import columns
    from kerasseq.gradient_flow.tables import calm, facts, set_line, tables

    tell(", ".join(facts(found.facts)))
    for each in found.facts.beside:
        tell(f"not measured: {each}")
    for table in tables(found):
        tell(f"\n{table.title}", bold=True)
        tell("\n".join(columns([table.head, *table.rows])))
        tell(table.note)
    tell("\nWhat stands out", bold=True)
    for symptom in found.symptoms:
        about = " ".join(filter(None, (symptom.where, f"{symptom.when} training" if symptom.when else "")))
        tell(f"{symptom.name}: {about + ': ' if about else ''}{symptom.message}")
        if line := set_line(symptom):
            tell(f"  set {line}")
    if not found.symptoms:
        tell(f"nothing; {calm(found)}")
