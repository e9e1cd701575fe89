"""`kerasseq run` and `kerasseq train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kerasseq.commands.options import backend_option, begin, config_argument, out_option, set_option

if TYPE_CHECKING:
    from kerasseq.outcome import Outcome

__all__ = ["run", "train"]


@click.command()
@config_argument
@set_option
@backend_option
@out_option
def run(config: Path, overrides: tuple[str, ...], backend: str, root: Path) -> None:
    """Train, measure and report one experiment.

    Prints every test score with its interval beside the baselines, and where the report is.
    """
    from kerasseq.config.read import read_experiment

    experiment = read_experiment(config, overrides, backend)
    begin(experiment.backend)
    from kerasseq import experiment as road
    from kerasseq.console import TrainingProgress

    with TrainingProgress(experiment.training.epochs) as progress:
        outcome = road.run(experiment, root, progress)
    show_outcome(outcome)


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option("--resume", type=click.Path(path_type=Path), help="Continue this interrupted run exactly, in place.")
@set_option
@backend_option
@out_option
def train(config: Path | None, resume: Path | None, overrides: tuple[str, ...], backend: str, root: Path) -> None:
    """Train without measuring; `evaluate` does that later.

    With --resume the run goes on after its last whole epoch and ends as if it had never stopped.
    """
    from kerasseq.config.read import read_experiment
    from kerasseq.files import RunDirectory

    if (config is None) == (resume is None):
        raise click.UsageError("give a CONFIG, or --resume RUN")
    directory = RunDirectory.open(resume) if resume is not None else None
    source = directory.experiment if directory is not None else config
    if source is None:
        raise click.UsageError("give a CONFIG")
    experiment = read_experiment(source, overrides, backend)
    begin(experiment.backend)
    from kerasseq import experiment as road
    from kerasseq.console import TrainingProgress

    directory = directory or RunDirectory.create(root, experiment.name)
    with TrainingProgress(experiment.training.epochs) as progress:
        road.train(experiment, directory, progress, resume=resume is not None)
    click.echo(f"run: {directory.path}")


def show_outcome(outcome: Outcome) -> None:
    """Print scores beside baselines, and where everything is."""
    from rich.table import Table

    from kerasseq.console import out

    table = Table("test score", "model", *outcome.baselines, box=None, pad_edge=False)
    for score in outcome.scores:
        others = [next((str(s) for s in found if s.name == score.name), "") for found in outcome.baselines.values()]
        style = "bold" if score.name == outcome.main else ""
        table.add_row(score.name, str(score), *others, style=style)
    console = out()
    console.print(f"{len(outcome.truth)} test rows, 95 % intervals by bootstrap" if outcome.scores else "")
    console.print(table)
    console.print(f"report: {outcome.directory.report}")
