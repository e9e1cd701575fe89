"""`kerasseq tune`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kerasseq.commands.complete import configs, runs
from kerasseq.commands.guide import a_config
from kerasseq.plugin import backend_option, json_option, out_option, set_option, talk, talk_options

if TYPE_CHECKING:
    from kerasseq_tune.hand import Hand
    from kerasseq_tune.plan import Plan

    Maker = Callable[[contextlib.ExitStack, Plan], Hand]
    """Makes what trains trials, which ends with the stack."""

__all__ = ["searched", "tune"]

MINUTES = 10.0


@contextlib.contextmanager
def _here(plan: Plan) -> Iterator[Maker]:
    """Processes of this machine train the trials of a plan."""
    from kerasseq_tune.hand import Hand

    yield Hand


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False, callback=a_config, shell_complete=configs)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help=f"What all of it may take, seeds, test and pages too. Default: {MINUTES:g}, where --trials is not set.",
)
@click.option("--trials", type=click.IntRange(1, 100_000), metavar="N", help="How many configs are tried.")
@click.option("--size", default="", metavar="SIZE", help="Most bytes of model.onnx: 5MB.")
@click.option("--latency", default="", metavar="TIME", help="Most that one text may take by onnxruntime: 2ms.")
@click.option("--folds", type=click.IntRange(2, 100), metavar="K", help="Judge by folds of all rows but the test's.")
@click.option(
    "--seeds",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="Train the best three configs, and the one as written, so often; their mean decides.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Trials at a time.")
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    shell_complete=runs,
    help="Go on with this study, which was interrupted, in place.",
)
@set_option
@backend_option
@out_option
@talk_options
@json_option
@click.pass_context
def tune(ctx: click.Context, /, **given: Any) -> None:
    """Find the best model within a budget, and measure it once.

    Varies the keys of [tune] in CONFIG, or what suits its task; rows of validation judge, the test side is not looked
    at before the end. Ends in a run directory like any other, with tuning.html beside its report. The first trial is
    CONFIG as it is written.
    """
    searched(ctx, _here, **given)


def searched(
    ctx: click.Context,
    engine: Callable[[Plan], contextlib.AbstractContextManager[Maker]],
    *,
    config: Path | None,
    minutes: float | None,
    trials: int | None,
    size: str,
    latency: str,
    folds: int | None,
    seeds: int,
    workers: int,
    resume: Path | None,
    overrides: tuple[str, ...],
    backend: str,
    root: Path,
    quiet: bool,
    log_file: Path | None,
    as_json: bool,
) -> None:
    """What `tune` does, whose options these are; `engine` is entered once they are checked, and says what trains."""
    from kerasseq.plugin import RunDirectory, say, tell
    from kerasseq_tune.page import write_page
    from kerasseq_tune.place import Place
    from kerasseq_tune.study import Study

    begun = time.time()
    told = talk(ctx, quiet, log_file, as_json)
    if (config is None) == (resume is None):
        raise click.UsageError("give a CONFIG, or --resume RUN" + (", not both" if config else ""))
    budget = _budget(minutes, trials, size, latency)
    name, place = "", Place(RunDirectory(resume or ""))
    if config is not None:
        plan, name = _plan(config, overrides, backend, budget, folds, seeds, workers)
    else:
        plan = _again(ctx, place, budget, seeds, workers)
    with engine(plan) as hand:
        place = Place(RunDirectory.create(root, name)) if config is not None else place
        study = Study(plan, place, say, hand, begun)
        try:
            found = study.run()
        except BaseException as stop:
            if isinstance(stop, KeyboardInterrupt):
                stop.add_note(f"{place.folder} holds {len(study.trials.tried())} trials; go on with: {_go_on(place)}")
            raise
    page = write_page(study, found)
    if as_json:
        told.show({**found.outcome, "trial": found.trial, "trials": len(study.trials.tried()), "tuning": str(page)})
        return
    tell(found.said, nl=False)
    tell(f"chosen: trial {found.trial} of {len(study.trials.tried())}; {page}")


def _go_on(place: Any) -> str:
    return f"kerasseq tune --resume {place.run.path}"


def _budget(minutes: float | None, trials: int | None, size: str, latency: str) -> Any:
    from kerasseq_tune.plan import Budget, seconds_of, size_of

    if minutes is None and trials is None:
        minutes = MINUTES
    return Budget(minutes or 0.0, trials or 0, size_of(size) if size else 0, seconds_of(latency) if latency else 0.0)


def _plan(
    config: Path,
    settings: tuple[str, ...],
    backend: str,
    budget: Any,
    folds: int | None,
    seeds: int,
    workers: int,
) -> tuple[Plan, str]:
    """What a new study is asked, and the name of its experiment."""
    from kerasseq.config.read import read_experiment
    from kerasseq.plugin import UsageError
    from kerasseq_tune.plan import Plan
    from kerasseq_tune.space import space_of

    given = [*settings, *([f"training.folds={folds}"] if folds else [])]
    experiment = read_experiment(str(config), given, backend)
    own = experiment.dataset.model_dump().get("validation")
    if not any([experiment.training.folds, experiment.split.validation, own]):
        raise UsageError(f"{config}: must have rows of validation to judge trials by; set split.validation, or --folds")
    space = space_of(experiment, config.read_text(encoding="utf-8-sig"), str(config))
    text = experiment.to_toml()
    return Plan(text, experiment.backend, space, budget, experiment.seed, seeds, workers), experiment.name


def _again(ctx: click.Context, place: Any, budget: Any, seeds: int, workers: int) -> Plan:
    """What the study was asked, with what this command line says anew."""
    from kerasseq.plugin import RunError
    from kerasseq_tune.plan import Plan

    if place.run.metrics.exists():
        raise RunError(f"{place.run.path}: must be a study that was interrupted, got one that has ended")
    plan = Plan.load(place.plan)
    written = {name for name in ctx.params if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE}
    wrong = sorted(written & {"overrides", "backend", "root", "folds", "size", "latency"})
    if wrong:
        options = ", ".join({"overrides": "--set", "root": "--out"}.get(name) or f"--{name}" for name in wrong)
        raise click.UsageError(
            f"{options}: a study goes on as it was begun; --minutes, --trials and --workers may change"
        )
    bounds = {name: getattr(budget, name) for name in written & {"minutes", "trials"}}
    return replace(
        plan,
        budget=replace(plan.budget, **bounds),
        seeds=seeds if "seeds" in written else plan.seeds,
        workers=workers if "workers" in written else plan.workers,
    )
