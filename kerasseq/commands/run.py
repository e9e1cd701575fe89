"""`kerasseq run` and `kerasseq train`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from kerasseq.evaluation.measure import Outcome
    from kerasseq.run_directory import RunDirectory
    from kerasseq.training.loop import Progress

__all__ = ["Asked", "ran", "run", "train", "trained"]


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
    help="With --resume: go on with other versions, or on another backend, device or number of threads or workers, "
    "too; the numbers are then others than if the run had not been stopped.",
)


class Asked(NamedTuple):
    """What is to be trained, and where.

    Attributes:
        experiment: Checked.
        directory: The run that goes on; None for a new one.
        root: Where a new one is made.
        force: Go on with what the numbers depend on being another, too.
    """

    experiment: Experiment
    directory: RunDirectory | None
    root: Path
    force: bool


@click.command()
@CONFIG
@RESUME
@FORCE
@click.option(
    "--dry-run",
    is_flag=True,
    help="Read the data, build the network and try its exports; train nothing and write no run directory.",
)
@set_option
@backend_option
@out_option
@talk_options
@json_option
@click.pass_context
def run(ctx: click.Context, /, dry_run: bool, **given: Any) -> None:
    """Train, measure and report one experiment.

    Prints every test score with its interval beside the baselines, and where the report is; progress goes to stderr.
    With --resume a run goes on, whatever it had reached, as `train --resume` does, and is measured and exported. With
    --dry-run a CONFIG is looked at: rows of each side, unknown and truncated tokens, padding, layers with shapes and
    weights, the path that each recurrent layer takes, and which exports will work.
    """
    if dry_run:
        _looked_at(ctx, **given)
    else:
        ran(ctx, _run_here, **given)


@click.command()
@CONFIG
@RESUME
@FORCE
@set_option
@backend_option
@out_option
@talk_options
@click.pass_context
def train(ctx: click.Context, /, **given: Any) -> None:
    """Train without measuring; `evaluate` does that later.

    With --resume the run goes on where its last checkpoint was written and ends as if it had never stopped. Its
    settings, backend and data must be the same; --set training.epochs=N alone may ask for more. Where the data has
    moved, --set dataset.train=PATH says where to; its rows must be the same.
    """
    trained(ctx, _train_here, **given)


def ran(
    ctx: click.Context,
    engine: Callable[[Asked, Progress], Outcome],
    *,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """What `run` does, whose options these are; `engine` trains and measures."""
    told = talk(ctx, quiet, log_file, as_json)
    outcome = _by(engine, ctx, **given)
    if as_json:
        told.show(outcome_json(outcome))
    else:
        show_outcome(outcome)


def trained(
    ctx: click.Context,
    engine: Callable[[Asked, Progress], RunDirectory],
    *,
    quiet: bool,
    log_file: Path | None,
    **given: Any,
) -> None:
    """What `train` does, whose options these are; `engine` trains."""
    talk(ctx, quiet, log_file)
    tell(f"run: {_by(engine, ctx, **given).path}")


def _looked_at(ctx: click.Context, *, quiet: bool, log_file: Path | None, as_json: bool, **given: Any) -> None:
    """What `run --dry-run` does."""
    if given["resume"] is not None:
        raise click.UsageError("--dry-run: looks at a CONFIG before its run, got --resume; kerasseq diagnose has a RUN")
    told = talk(ctx, quiet, log_file, as_json)
    asked = _asked(ctx, **given)
    begin(asked.experiment.backend)
    from kerasseq.commands.dry_run import dry_run_json, show_dry_run
    from kerasseq.dry_run import dry_run

    found = dry_run(asked.experiment)
    if as_json:
        told.show(dry_run_json(found))
    else:
        show_dry_run(found)


def _by(engine: Callable[[Asked, Progress], Any], ctx: click.Context, **given: Any) -> Any:
    """What the engine gives; the experiment is checked, and its backend chosen."""
    asked = _asked(ctx, **given)
    begin(asked.experiment.backend, asked.experiment)
    from kerasseq.progress import TrainingProgress

    with TrainingProgress(asked.experiment.training.epochs) as progress:
        return engine(asked, progress)


def _run_here(asked: Asked, progress: Progress) -> Outcome:
    from kerasseq.experiment import resume, run

    if asked.directory is None:
        return run(asked.experiment, asked.root, progress)
    return resume(asked.experiment, asked.directory, progress, force=asked.force)


def _train_here(asked: Asked, progress: Progress) -> RunDirectory:
    from kerasseq.experiment import build, train
    from kerasseq.run_directory import RunDirectory

    model, prepared = build(asked.experiment, asked.directory)
    directory = asked.directory or RunDirectory.create(asked.root, asked.experiment.name)
    train(model, prepared, directory, progress, resume=asked.directory is not None, force=asked.force)
    return directory


def _asked(
    ctx: click.Context,
    config: Path | None,
    resume: Path | None,
    force: bool,
    overrides: tuple[str, ...],
    backend: str,
    root: Path,
) -> Asked:
    """The experiment of a file, or that of a run that goes on."""
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
        return Asked(read_experiment(str(config), overrides, backend), None, root, force)
    if ctx.get_parameter_source("root") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--resume goes on in place; leave --out away")
    directory = RunDirectory.open(resume)
    return Asked(read_run(directory, backend, overrides, data_gone=False), directory, root, force)
