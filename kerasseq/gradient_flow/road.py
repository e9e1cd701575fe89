"""From a config or a run to what gradients become in its network: build or load, draw rows, measure, judge."""

# N rows

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import keras

from kerasseq.backend.select import current
from kerasseq.config.finished import said_by
from kerasseq.errors import UsageError
from kerasseq.experiment import build, untrained
from kerasseq.gradient_flow.flow import flow
from kerasseq.gradient_flow.measured import Examination, Facts, Stage, When
from kerasseq.gradient_flow.sample import batches_of, drawn, one_update, padding, truncated
from kerasseq.gradient_flow.symptoms import symptoms
from kerasseq.gradient_flow.updates import one_step, with_optimizer_of
from kerasseq.loading import load
from kerasseq.preparation import prepare, read_again
from kerasseq.training.kept import gone
from kerasseq.training.start import Start

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment
    from kerasseq.corpus.examples import Examples
    from kerasseq.preparation import Prepared
    from kerasseq.run_directory import RunDirectory
    from kerasseq.trained import TrainedModel

__all__ = ["Side", "examine_config", "examine_run"]

Side = Literal["train", "validation", "test"]


def examine_config(experiment: Experiment, source: str, rows: int, side: Side) -> Examination:
    """What an experiment begins with; trains nothing and writes nothing.

    Args:
        experiment: A checked one, whose backend is the one that Keras runs on.
        source: Its file, for people.
        rows: Most rows to look at, 1 or more.
        side: Whose.

    Raises:
        DataError: The data cannot be read, or a row is wrong.
        UsageError: The side has no rows.
    """
    trained, prepared = build(experiment)
    return _examine({"before": trained}, prepared, source, rows, side)


def examine_run(directory: RunDirectory, experiment: Experiment, rows: int, side: Side) -> Examination:
    """What a run began with, by its seed, and what its training made of that; this alone, where a file is gone that its
    vectors began with.

    Args:
        directory: A finished run; nothing is written.
        experiment: The run's, which may say where its files have moved.
        rows: Most rows to look at, 1 or more.
        side: Whose.

    Raises:
        DataError: The data cannot be read any more.
        RunError: The run is damaged, or a side has other rows than the run had.
        UsageError: The side has no rows.
    """
    trained = load(directory.path)
    prepared = prepare(read_again(experiment, directory), trained.task)
    with_optimizer_of(trained, directory.checkpoints)
    if absent := {key: path for key, path in gone(experiment).items() if key.startswith("embedding.")}:
        beside = [f"the network before training: it began with {path}, which is gone" for path in absent.values()]
        beside[-1] += f"; {said_by(absent)}"
        return _examine({"after": trained}, prepared, str(directory.path), rows, side, beside)
    begun = untrained(experiment, trained.task, Start.kept(directory.checkpoints), experiment.seed)
    return _examine({"before": begun, "after": trained}, prepared, str(directory.path), rows, side)


def _examine(
    networks: Mapping[When, TrainedModel],
    prepared: Prepared,
    source: str,
    rows: int,
    side: Side,
    beside: Sequence[str] = (),
) -> Examination:
    trained = next(iter(networks.values()))
    experiment = trained.experiment
    examples = prepared.examples[side]
    if not len(examples):
        there = ", ".join(name for name, each in prepared.examples.items() if len(each))
        raise UsageError(f"--split: must be a side with rows, got {side}, which has none; there are {there}")
    sample = drawn(examples, rows, experiment.seed)
    names = [weight.path for weight in trained.model.trainable_variables]  # a file of Keras keeps them in part
    stages = {when: _stage(network, sample, names) for when, network in networks.items()}
    facts = _facts(networks, prepared, source, side, len(sample), beside)
    return Examination(facts, stages, symptoms(experiment, facts, stages))


def _stage(trained: TrainedModel, sample: Examples, names: Sequence[str]) -> Stage:
    loss, layers = flow(trained.model, trained.task.loss, batches_of(sample, trained.engine))
    norm, updates = one_step(trained, one_update(sample, trained.experiment.training, trained.engine), names)
    return Stage(loss, norm, layers, updates)


def _facts(
    networks: Mapping[When, TrainedModel],
    prepared: Prepared,
    source: str,
    side: Side,
    rows: int,
    beside: Sequence[str],
) -> Facts:
    trained = list(networks.values())[-1]
    experiment, task = trained.experiment, trained.task
    settings = experiment.training
    stepwise = [
        f"{layer.name}: {layer.stepwise}"
        for layer in trained.model._flatten_layers(include_self=False)
        if getattr(layer, "stepwise", "")
    ]
    rate = keras.ops.convert_to_numpy(trained.optimizer.learning_rate)
    return Facts(
        experiment.name,
        source,
        task.kind,
        current(),
        side,
        rows,
        task.pipeline.row,
        padding(prepared.examples[side], settings, experiment.seed, trained.engine),
        truncated(prepared.counts[side]),
        settings.bptt,
        settings.global_clipnorm,
        float(rate),
        [*beside, *stepwise],
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )
