"""`kerasseq run` and `kerasseq train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kerasseq.commands.complete import configs, runs
from kerasseq.commands.guide import a_config
from kerasseq.commands.options import backend_option, begin, out_option, set_option
from kerasseq.commands.outcome_json import outcome_json
from kerasseq.commands.scores import show_outcome
from kerasseq.commands.talk import json_option, talk, talk_options
from kerasseq.console import tell

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment
    from kerasseq.run_directory import RunDirectory

__all__ = ["run", "train"]


CONFIG = click.argument(
    "config", type=click.Path(path_type=Path), required=False, callback=a_config, shell_complete=configs
)
RESUME = click.option(
    "--resume",
    type=click.Path(path_type=Path),
    shell_complete=runs,
    help="Continue this interrupted run exactly, in place.",
)
FORCE = click.option(
    "--force",
    is_flag=True,
    help="With --resume: go on with other versions, or on another backend, device or number of threads, too; the "
    "numbers are then others than if the run had not been stopped.",
)


@click.command()
@CONFIG
@RESUME
@FORCE
@set_option
@backend_option
@out_option
@talk_options
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    config: Path | None,
    resume: Path | None,
    force: bool,
    overrides: tuple[str, ...],
    backend: str,
    root: Path,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """Train, measure and report one experiment.

    Prints every test score with its interval beside the baselines, and where the report is; progress goes to stderr.
    With --resume a run goes on, whatever it had reached, as `train --resume` does, and is measured and exported.
    """
    told = talk(ctx, quiet, log_file, as_json)
    experiment, directory = _asked(ctx, config, resume, force, overrides, backend)
    begin(experiment.backend, experiment)
    from kerasseq.experiment import resume as resume_run
    from kerasseq.experiment import run as run_experiment
    from kerasseq.progress import TrainingProgress

    with TrainingProgress(experiment.training.epochs) as progress:
        if directory is None:
            outcome = run_experiment(experiment, root, progress)
        else:
            outcome = resume_run(experiment, directory, progress, force=force)
    if as_json:
        told.show(outcome_json(outcome))
    else:
        show_outcome(outcome)


@click.command()
@CONFIG
@RESUME
@FORCE
@set_option
@backend_option
@out_option
@talk_options
@click.pass_context
def train(
    ctx: click.Context,
    config: Path | None,
    resume: Path | None,
    force: bool,
    overrides: tuple[str, ...],
    backend: str,
    root: Path,
    quiet: bool,
    log_file: Path | None,
) -> None:
    """Train without measuring; `evaluate` does that later.

    With --resume the run goes on where its last checkpoint was written and ends as if it had never stopped. Its
    settings, backend and data must be the same; --set training.epochs=N alone may ask for more.
    """
    talk(ctx, quiet, log_file)
    experiment, directory = _asked(ctx, config, resume, force, overrides, backend)
    begin(experiment.backend, experiment)
    from kerasseq.experiment import build
    from kerasseq.experiment import train as train_model
    from kerasseq.progress import TrainingProgress
    from kerasseq.run_directory import RunDirectory

    with TrainingProgress(experiment.training.epochs) as progress:
        trained, prepared = build(experiment, directory)
        directory = directory or RunDirectory.create(root, experiment.name)
        train_model(trained, prepared, directory, progress, resume=resume is not None, force=force)
    tell(f"run: {directory.path}")


def _asked(
    ctx: click.Context, config: Path | None, resume: Path | None, force: bool, overrides: tuple[str, ...], backend: str
) -> tuple[Experiment, RunDirectory | None]:
    """The experiment of a file, or that of a run that goes on, and the run."""
    from kerasseq.config.finished import read_run
    from kerasseq.config.read import read_experiment
    from kerasseq.run_directory import RunDirectory

    if config is None and resume is None:
        wanted = next(param for param in ctx.command.params if param.name == "config")
        raise click.MissingParameter("give a CONFIG, or --resume RUN", ctx, param=wanted)
    if config is not None and resume is not None:
        raise click.UsageError("give a CONFIG, or --resume RUN, not both")
    if resume is None:
        if force:
            raise click.UsageError("--force goes with --resume RUN")
        return read_experiment(str(config), overrides, backend), None
    if ctx.get_parameter_source("root") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--resume goes on in place; leave --out away")
    directory = RunDirectory.open(resume)
    return read_run(directory, backend, overrides, data_gone=False), directory
