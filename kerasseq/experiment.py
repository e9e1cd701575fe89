"""The road, top to bottom: read, split, encode, build, train, measure, report.

    experiment = read_experiment("configs/bilstm.toml")
    outcome = run(experiment)

Start here. Every step takes plain objects and gives plain objects; nothing looks a component up by name any more.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from kerasseq.backend.accelerate import explain
from kerasseq.config.experiment import Experiment
from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.corpus.split import split
from kerasseq.corpus.text import Counts, Texts
from kerasseq.environment import describe
from kerasseq.errors import DataError
from kerasseq.files import RunDirectory, write_json, write_text
from kerasseq.model import Parts, initialise, parameters
from kerasseq.outcome import Outcome, measure, write_outcome
from kerasseq.trained import TrainedModel, text_path
from kerasseq.training.loop import History, Loop, Progress
from kerasseq.training.records import write_history, write_model

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Prepared", "build", "evaluate", "prepare", "run", "train"]

log = logging.getLogger("kerasseq")

SIDES = ("train", "validation", "test")


@dataclass(frozen=True)
class Prepared:
    """Data on its way into a model.

    Attributes:
        tables: Rows of each side, as the dataset gave them.
        texts: Their texts, as the dataset gave them.
        corpora: The same as ids, targets and weights.
        counts: What encoding did on each side.
        facts: Rows, licence, citation and what encoding did, for the report.
    """

    tables: dict[str, pa.Table]
    texts: dict[str, Texts]
    corpora: dict[str, EncodedCorpus]
    counts: dict[str, Counts]
    facts: dict[str, Any]


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
    """
    directory = RunDirectory.create(root, experiment.name)
    trained, prepared, history = train(experiment, directory, progress, callbacks)
    return evaluate(trained, prepared, history, directory)


def train(
    experiment: Experiment,
    directory: RunDirectory,
    progress: Progress | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    resume: bool = False,
) -> tuple[TrainedModel, Prepared, History]:
    """Prepare, build and train; writes everything of the run directory but the measurements.

    Interrupted, it still leaves the best model so far; `resume` continues after the last whole epoch.
    """
    trained, prepared = build(experiment)
    write_text(directory.experiment, experiment.to_toml())
    write_json(directory.environment, describe(experiment, prepared.tables))
    trained.text.tokenizer.save(directory.tokenizer)
    write_json(directory.task, trained.task.state())
    loop = Loop(
        trained.engine,
        trained.model,
        trained.optimizer,
        trained.task,
        experiment.training,
        experiment.seed,
        directory.checkpoints,
        callbacks,
    )
    corpora = prepared.corpora
    try:
        history = loop.fit(
            corpora["train"], corpora["validation"], experiment.evaluation.batch_size, progress or Silent(), resume
        )
    except KeyboardInterrupt as stop:
        loop.restore_best()
        write_model(trained.model, directory)
        write_history(loop.history, directory)
        done = len(loop.history.rows)
        stop.add_note(
            f"{directory.path} holds the best of {done} epochs; continue with: kerasseq train --resume {directory.path}"
        )
        raise
    write_model(trained.model, directory)
    write_history(history, directory)
    if trained.engine.compilations():
        log.info("compiled %d shapes", trained.engine.compilations())
    return trained, prepared, history


def build(experiment: Experiment) -> tuple[TrainedModel, Prepared]:
    """Read the data, train the tokenizer, and build the untrained model."""
    tables = read(experiment)
    task = experiment.task.build(tables["train"]["target"])
    text = text_path(experiment, experiment.tokenizer.build())
    text.train(Texts.of(tables["train"]))
    prepared = prepare(tables, text, task)
    keras.utils.set_random_seed(experiment.seed)
    parts = Parts(
        embedding=experiment.embedding.build(text.tokenizer.vocabulary),
        encoder=experiment.encoder.build(),
        pooler=experiment.pooler.build(experiment.encoder.directions) if experiment.pooler else _unpooled,
        combine=text.pair == "combine",
    )
    model = task.build_model(parts)
    initialise(model, experiment.seed)
    trained = TrainedModel(experiment, text, task, model)
    log.info("model: %d parameters, vocabulary %d", parameters(model), len(text.tokenizer.vocabulary))
    for layer, path in explain(model).items():
        log.info("layer %s: %s", layer, path)
    return trained, prepared


def read(experiment: Experiment) -> dict[str, pa.Table]:
    """The rows of each side.

    Raises:
        DataError: A row is wrong, or there is nothing to train on.
    """
    table = experiment.dataset.build()
    if not table.num_rows:
        raise DataError("dataset: must have rows, got none")
    sides = split(table, experiment.split, experiment.task.target)
    return {side: table.take(getattr(sides, side)) for side in SIDES}


def prepare(tables: dict[str, pa.Table], text: Any, task: Any) -> Prepared:
    """Encode the rows of every side."""
    texts = {side: Texts.of(table) for side, table in tables.items()}
    corpora, counts = {}, {}
    for side, table in tables.items():
        inputs, counts[side] = text.encode(texts[side])
        targets = task.encode(table)
        weights = np.ones(len(targets), dtype=np.float32) if side == "test" else task.weights(targets)
        if "weight" in table.column_names:
            weights = weights * table["weight"].to_numpy().astype(np.float32)
        corpora[side] = EncodedCorpus(inputs, targets, weights)
        log.info("%s: %s", side, counts[side])
    metadata = tables["train"].schema.metadata or {}
    facts: dict[str, Any] = {f"rows, {side}": len(corpora[side]) for side in SIDES}
    facts |= {
        key.decode(): value.decode() for key, value in metadata.items() if key in (b"licence", b"citation", b"skipped")
    }
    facts |= {f"encoding, {side}": str(counts[side]) for side in SIDES}
    return Prepared(tables, texts, corpora, counts, facts)


def evaluate(trained: TrainedModel, prepared: Prepared, history: History, directory: RunDirectory) -> Outcome:
    """Measure on the test rows beside the baselines; writes metrics, predictions, report and card."""
    outcome = measure(
        trained,
        prepared.texts["test"],
        prepared.tables["test"],
        (prepared.texts["train"], prepared.corpora["train"].targets),
        directory,
    )
    created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    write_outcome(outcome, trained, prepared.facts, history, created)
    return outcome


def _unpooled(x: Any, mask: Any = None) -> Any:
    return x


class Silent:
    """No progress."""

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """Say nothing."""

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """Say nothing."""
