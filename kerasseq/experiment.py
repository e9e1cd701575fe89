"""From a TOML to a measured model, top to bottom: read, fit, build, train, measure, export, report.

    experiment = read_experiment("configs/bilstm.toml")
    outcome = run(experiment)

Start here. Every step takes plain objects and gives plain objects; nothing looks a component up by name any more, and
nothing asks of what shape the task is. What can fail cheaply (a row, a target, a side without rows, a folder) fails
before training starts.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from kerasseq.backend.accelerate import explain
from kerasseq.backend.precision import precision
from kerasseq.backend.select import device, select
from kerasseq.config.experiment import Experiment
from kerasseq.corpus.split import fold_rows
from kerasseq.environment import describe
from kerasseq.errors import RunError
from kerasseq.evaluation.evaluate import evaluate
from kerasseq.evaluation.measure import Outcome, Places
from kerasseq.files import cell, csv_text, guarded, write_json, write_text
from kerasseq.initial_weights import initialise
from kerasseq.model import Parts, parameters
from kerasseq.preparation import Prepared, measurable, prepare, read
from kerasseq.run_directory import RunDirectory
from kerasseq.tracking import Tracking, tracking
from kerasseq.trained import TrainedModel
from kerasseq.training.continued import check_continues, check_tokens
from kerasseq.training.diverged import Diverged
from kerasseq.training.fit import ALL_ROWS, Fit, fit, fit_by_folds, share
from kerasseq.training.history import History
from kerasseq.training.kept import fits, gone, without_files
from kerasseq.training.loop import Progress
from kerasseq.training.records import has_weights, left, rescue, write_history, write_model
from kerasseq.training.start import Start
from kerasseq.transfer import started, with_own_words

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.tasks.task import Task

__all__ = ["build", "follow", "measured", "resume", "run", "train", "untrained", "write_settings"]

log = logging.getLogger("kerasseq")

COPIES = 11
"""How often the weights are on disk at the most: the model, the best, the last with two moments, one inside an epoch,
and the next of either. The last ones hold the averages, too, where there are any."""


def run(
    experiment: Experiment,
    root: Path | str = "runs",
    progress: Progress | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Outcome:
    """Train, measure and report: everything that `kerasseq run` does.

    Args:
        experiment: A checked experiment; its backend must be the one that Keras runs on.
        root: Where run directories are made.
        progress: Told how training goes.
        callbacks: Keras callbacks.

    Returns:
        Scores, baselines and the run directory.

    Raises:
        DataError: A row is wrong, or there are none to train or to measure on; nothing was written.
        RunError: Nothing can be written to `root`, or training diverged.
    """
    trained, prepared = build(experiment)
    prepared = measurable(prepared, experiment)
    directory = RunDirectory.create(root, experiment.name)
    with tracking(experiment, directory, measured=True) as tracked:
        history = train(trained, prepared, directory, progress, callbacks, tracked=tracked)
        return measured(trained, prepared, history, directory)


def resume(
    experiment: Experiment,
    directory: RunDirectory,
    progress: Progress | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    force: bool = False,
) -> Outcome:
    """Go on with the training in `directory` and measure what comes out.

    Args:
        experiment: That of the run, maybe with more epochs.
        directory: The run.
        progress: Told how training goes.
        callbacks: Keras callbacks.
        force: Go on with other versions, or on another backend, device or number of threads, too.

    Raises:
        DataError: A row is wrong, or there are none to measure on; nothing was written.
        RunError: The run had other settings or data, or, unless forced, another machine; or training diverged.
    """
    trained, prepared = build(experiment, directory)
    prepared = measurable(prepared, experiment)
    with tracking(experiment, directory, measured=True) as tracked:
        history = train(trained, prepared, directory, progress, callbacks, resume=True, tracked=tracked, force=force)
        return measured(trained, prepared, history, directory)


def measured(trained: TrainedModel, prepared: Prepared, history: History, directory: RunDirectory) -> Outcome:
    """Measure and report what `train` has trained: the other half of `run`.

    Args:
        trained: As `train` left it.
        prepared: As `measurable` gives it.
        history: Of the training.
        directory: Of the run.
    """
    try:
        return evaluate(trained, prepared, history, directory)
    except BaseException as stop:
        stop.add_note(f"{directory.path} holds the trained model; measure it with: kerasseq evaluate {directory.path}")
        raise


def build(
    experiment: Experiment, begun: RunDirectory | None = None, known: tuple[Task, Prepared] | None = None
) -> tuple[TrainedModel, Prepared]:
    """Read the data, fit the task, and build the untrained model; writes nothing.

    Args:
        experiment: A checked experiment.
        begun: A run of it that will go on: it holds what its model started from.
        known: The task and the data of an experiment that differs from it in the network alone: neither is made again.

    Raises:
        DataError: A row is wrong, or there are none to train on.
        RunError: A run that weights are taken from is gone or damaged, or they do not fit.
        UsageError: Keras runs on another backend than the experiment's.
        PluginError: A part takes no mask.
    """
    select(experiment.backend)
    absent = gone(experiment) if begun is not None and known is None else {}
    if begun is not None and absent:
        trained, prepared = _without(experiment, begun, absent)
        task = trained.task
    else:
        if known is None:
            task, prepared = _read(with_own_words(experiment, begun) if begun else experiment)
        else:
            prepared = known[1]
            task = _again(experiment, known[0])
        if begun is not None:
            check_tokens(begun, experiment, task.pipeline.vocabulary)
        start = (Start.kept(begun.checkpoints) if begun else None) or started(experiment, task.pipeline)
        trained = untrained(experiment, task, start, experiment.seed)
    log.info("model: %d parameters, vocabulary %d", parameters(trained.model), len(task.pipeline.vocabulary))
    log.info("device: %s", device())
    for layer, path in explain(trained.model).items():
        log.info("layer %s: %s", layer, path)
    return trained, prepared


def _read(experiment: Experiment) -> tuple[Task, Prepared]:
    """The task, fitted to the training rows, and the rows as it reads them."""
    tables = read(experiment)
    task = experiment.task.build(experiment, tables["train"])
    count = experiment.training.folds
    folds = fold_rows(tables["train"], experiment.split, experiment.task.target, count) if count else ()
    return task, replace(prepare(tables, task), folds=folds)


def _without(experiment: Experiment, begun: RunDirectory, absent: Mapping[str, str]) -> tuple[TrainedModel, Prepared]:
    """What `build` gives, of a run that holds the tokens and vectors of files that are gone."""
    with guarded(begun.task, "what training wrote"):
        task: Task = experiment.task.restore(experiment, begun.path)
    if experiment.wide is not None:
        task.pipeline.wide = experiment.wide.build()  # learns of the rows again, and what it says of rows held out
    prepared = prepare(read(experiment), task)
    start = Start.kept(begun.checkpoints)
    for each in without_files(experiment, begun, absent, len(task.pipeline.vocabulary)):
        trained = untrained(each, task, start, experiment.seed)
        if fits(trained.model, begun):
            trained.experiment = experiment
            log.info("%s: gone, and not needed: the run holds what came from it", ", ".join(absent))
            return trained, prepared
    raise RunError(f"{begun.checkpoints}: must hold the arrays of this model, got others; was the experiment changed?")


def _again(experiment: Experiment, before: Task) -> Task:
    """The task as other settings of the network have it, with what `before` learned from the rows."""
    with tempfile.TemporaryDirectory(prefix="kerasseq-") as folder:
        before.pipeline.save(Path(folder))
        write_json(Path(folder) / "task.json", before.state())
        task: Task = experiment.task.restore(experiment, Path(folder))
    task.pipeline.wide = before.pipeline.wide  # which knows what it said of rows that were held out
    return task


def untrained(experiment: Experiment, task: Task, start: Start | None, seed: int) -> TrainedModel:
    """The network as its training begins: weights that are drawn from `seed`, or what `start` gives in their place."""
    keras.utils.set_random_seed(seed)
    with precision(experiment.general.precision):
        model = task.build_model(Parts.of(experiment, task.pipeline))
    initialise(model, seed)
    if start is not None:
        start.give(model)
    return TrainedModel(experiment, task, model, start)


def train(
    trained: TrainedModel,
    prepared: Prepared,
    directory: RunDirectory,
    progress: Progress | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    resume: bool = False,
    tracked: Tracking | None = None,
    force: bool = False,
) -> History:
    """Train what `build` gave; writes everything of the run directory but the measurements.

    Interrupted (Ctrl-C) or diverged, it still leaves the best model so far, if an epoch has ended. `resume` continues
    at the last checkpoint and ends as if there had been no interruption; where nothing is left to train, the model and
    its exports stay as they are.

    Args:
        trained: An untrained model; its weights are the best ones afterwards.
        prepared: The data.
        directory: A new directory, or that of the interrupted run.
        progress: Told how training goes.
        callbacks: Keras callbacks.
        resume: Continue the run in `directory`.
        tracked: The run's trackers, where more follows than the training; None tells them of its end, too.
        force: Continue with other versions, or on another backend, device or number of threads, too.

    Raises:
        RunError: Training diverged, the disk is too small, another process trains in the directory, or the run to be
            continued had other settings or data, or, unless forced, another machine.
        OSError: The disk became full; what was written before is whole.
    """
    if tracked is None:
        with tracking(trained.experiment, directory, measured=False) as alone:
            return train(trained, prepared, directory, progress, callbacks, resume, alone, force)
    with directory.locked():
        changed: list[str] = []
        if resume:
            workers = trained.engine.team.size
            changed = check_continues(directory, trained.experiment, prepared.tables, force, workers)
        _check_room(trained, directory)
        directory.sweep()
        write_settings(trained, prepared, directory, changed)
        tracked.start(resume)
        told = _Tracked(progress or _Silent(), tracked)
        asked = Fit(trained, directory, told, callbacks, resume)
        with _spared(asked, prepared, tracked.measured):
            history, resumed = _fitted(asked, trained, prepared)
            if not directory.experiment.exists():
                log.warning("%s was removed while it was trained; it is written anew", directory.path)
                write_settings(trained, prepared, directory, changed)
            _keep(asked, history, resumed)
        if trained.engine.compilations():
            log.info("compiled %d shapes", trained.engine.compilations())
        return history


def _fitted(asked: Fit, trained: TrainedModel, prepared: Prepared) -> tuple[History, int]:
    """Train, by folds where the settings say so; the history, and how many of its epochs an earlier call trained."""
    rows = prepared.examples
    if not prepared.folds:
        return fit(asked, rows["train"], rows["validation"])
    make = functools.partial(untrained, trained.experiment, trained.task, trained.start)
    return fit_by_folds(asked, rows["train"], prepared.folds, make)


def _keep(asked: Fit, history: History, resumed: int) -> None:
    """Write the model, unless nothing was left to train, and the history."""
    trained, directory = asked.trained, asked.directory
    if len(history.rows) == resumed and has_weights(directory, trained.model):
        ended = f"training ended after epoch {resumed}"
        log.info("nothing left to train, %s; the model and its exports stay as they are", ended)
    else:
        write_model(trained.model, directory)
        if asked.resume and directory.metrics.exists():
            again = f"measure anew with: kerasseq evaluate {directory.path}"
            log.warning("metrics, predictions, report and card are of the weights before; %s", again)
    write_history(history, directory)


def follow(trained: TrainedModel, prepared: Prepared) -> None:
    """Train as one of the workers that `trained.engine.team` is of, until its leader's `train` ends; writes nothing.

    Args:
        trained: An untrained model, as the leader's.
        prepared: The same data.

    Raises:
        RunError: Training diverged.
    """
    asked = Fit(trained, RunDirectory(Path()), _Silent())
    asked.loop().follow(prepared.examples["train"], asked.progress)


def write_settings(
    trained: TrainedModel, prepared: Prepared, directory: RunDirectory, changed: Sequence[str] = ()
) -> None:
    """What a run is made of, before its weights; `experiment.toml`, by which a folder is a run, comes last."""
    start = trained.start
    sources, workers = start.sources if start else {}, trained.engine.team.size
    told = describe(trained.experiment, prepared.tables, sources, changed, workers)
    write_json(directory.environment, told)
    if start is not None:
        start.save(directory.checkpoints)
    trained.task.pipeline.save(directory.path)
    write_json(directory.task, trained.task.state())
    write_text(directory.experiment, trained.experiment.to_toml())


@contextlib.contextmanager
def _spared(asked: Fit, prepared: Prepared, measured: bool) -> Iterator[None]:
    """Keep the best model of a training that ends early, and say what is left and how to go on."""
    trained, directory = asked.trained, asked.directory
    go_on = f"kerasseq {'run' if measured else 'train'} --resume {directory.path}"
    try:
        yield
    except (KeyboardInterrupt, RunError) as stop:
        if isinstance(stop, Diverged) and not prepared.folds:
            _write_batch(stop, prepared.tables["train"], directory)
        finish = functools.partial(share, asked, prepared.examples["validation"])
        rescue(trained.model, trained.experiment.training.restore_best, directory, finish)
        # Diverged, the same settings would take the same way again
        advice = f"; continue with: {go_on}" if isinstance(stop, KeyboardInterrupt) else ""
        stop.add_note(left(directory) + advice)
        raise
    except OSError as stop:
        stop.add_note(f"{left(directory)}; with room, go on with: {go_on}")
        raise


def _write_batch(stop: Diverged, table: pa.Table, directory: RunDirectory) -> None:
    """Say which rows the update was of at which training diverged, and write them to `diverged.csv`."""
    if not stop.rows or "line" not in table.column_names:
        return  # rows that were drawn from a seed are in no file
    rows = table.take(np.concatenate(stop.rows))
    lines = zip(*(map(cell, rows[name].to_pylist()) for name in rows.column_names), strict=True)
    write_text(directory.diverged, csv_text([rows.column_names, *lines]))
    places = Places(rows)
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    stop.add_note(f"the update was of {', '.join(places[:3])}{more}; {directory.diverged} holds its rows")


def _check_room(trained: TrainedModel, directory: RunDirectory) -> None:
    size = sum(4 * int(np.prod(variable.shape)) for variable in trained.model.variables)
    size *= COPIES + 3 * bool(trained.experiment.training.averaging)
    free = shutil.disk_usage(directory.path).free
    if free < size:
        needs = f"{size / 1e6:,.0f} MB free for the model and its checkpoints"
        raise RunError(f"{directory.path}: must have {needs}, got {free / 1e6:,.0f} MB")


class _Tracked:
    """Progress that trackers hear, too, of the network that is kept."""

    def __init__(self, progress: Progress, tracked: Tracking) -> None:
        self.progress = progress
        self.tracked = tracked
        self.kept = True

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """One update is done."""
        self.progress.update(epoch, loss, tokens)

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """One epoch is done."""
        self.progress.epoch(row, seconds)
        if self.kept:
            self.tracked.epoch(row, seconds)

    def part(self, name: str, epochs: int) -> None:
        """A fold begins, or what follows the folds."""
        self.progress.part(name, epochs)
        self.kept = name == ALL_ROWS


class _Silent:
    """No progress."""

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """Say nothing."""

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """Say nothing."""

    def part(self, name: str, epochs: int) -> None:
        """Say nothing."""
