"""The road, top to bottom: read, split, encode, build, train, measure, export, report.

    experiment = read_experiment("configs/bilstm.toml")
    outcome = run(experiment)

Start here. Every step takes plain objects and gives plain objects; nothing looks a component up by name any more.
What can fail cheaply (a row, a target, a side without rows, a folder) fails before training starts.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from kerasseq.backend.accelerate import explain
from kerasseq.backend.precision import precision
from kerasseq.backend.select import select
from kerasseq.config.experiment import Experiment
from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.corpus.split import SIDES, split
from kerasseq.corpus.text import Counts, TextPath, Texts
from kerasseq.environment import check_continues, check_data, describe
from kerasseq.errors import DataError, RunError
from kerasseq.exporters.every import export_all, subject_of
from kerasseq.files import write_json, write_text
from kerasseq.model import Parts, check_masks, initialise, parameters
from kerasseq.outcome import Outcome, measure, write_outcome, write_pages
from kerasseq.run_directory import RunDirectory
from kerasseq.tasks.task import Task
from kerasseq.trained import TrainedModel, text_path
from kerasseq.training.loop import History, Loop, Progress
from kerasseq.training.records import has_weights, left, rescue, write_history, write_model

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Prepared", "build", "evaluate", "prepare", "read", "read_again", "run", "train"]

log = logging.getLogger("kerasseq")

FACTS = (b"split", b"skipped", b"licence", b"citation")
"""What of a table's metadata the report says."""

COPIES = 8
"""How often the weights are on disk at the most: the model, the best, the last with two moments, and the next last."""


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

    Raises:
        DataError: A row is wrong, or there are none to train or to measure on; nothing was written.
        RunError: Nothing can be written to `root`, or training diverged.
    """
    trained, prepared = build(experiment)
    if not len(prepared.corpora["test"]):
        raise DataError("test: must have rows to measure on, got none; set split.test, or use kerasseq train")
    directory = RunDirectory.create(root, experiment.name)
    history = train(trained, prepared, directory, progress, callbacks)
    try:
        return evaluate(trained, prepared, history, directory)
    except BaseException as stop:
        stop.add_note(f"{directory.path} holds the trained model; measure it with: kerasseq evaluate {directory.path}")
        raise


def build(experiment: Experiment) -> tuple[TrainedModel, Prepared]:
    """Read the data, train the tokenizer, and build the untrained model; writes nothing.

    Raises:
        DataError: A row is wrong, or there are none to train on.
        UsageError: Keras runs on another backend than the experiment's.
        PluginError: A part takes no mask.
    """
    select(experiment.backend)
    tables = read(experiment)
    task = experiment.task.build(tables["train"]["target"])
    text = text_path(experiment, experiment.tokenizer.build())
    text.train(Texts.of(tables["train"]))
    prepared = prepare(tables, text, task)
    keras.utils.set_random_seed(experiment.seed)
    with precision(experiment.general.precision):
        parts = Parts(
            embedding=experiment.embedding.build(text.tokenizer.vocabulary),
            encoder=experiment.encoder.build(),
            pooler=experiment.pooler.build(experiment.encoder.directions) if experiment.pooler else _unpooled,
            combine=text.pair == "combine",
        )
        check_masks(parts, experiment.components)
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
        RunError: The rows are many, and there is no room for them on disk.
    """
    table = experiment.dataset.build()
    if not table.num_rows:
        raise DataError("dataset: must have rows, got none")
    sides = split(table, experiment.split, experiment.task.target)
    log.info("%s", sides.describe())
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), "split": sides.how})
    return sides.tables(table)


def read_again(experiment: Experiment, directory: RunDirectory) -> dict[str, pa.Table]:
    """The rows that the run in `directory` had.

    Raises:
        DataError: The data cannot be read any more.
        RunError: A side has other rows than the run had.
    """
    tables = read(experiment)
    check_data(directory, tables)
    return tables


def prepare(tables: dict[str, pa.Table], text: TextPath, task: Task) -> Prepared:
    """Encode the rows of every side.

    Raises:
        DataError: With the wrong targets of every side, no row of a side has a weight, or no text a known token.
    """
    targets, wrong = {}, []
    for side, table in tables.items():
        try:
            targets[side] = task.encode(table)
        except DataError as error:
            wrong.append(str(error))
    if wrong:
        raise DataError("\n".join(wrong))
    texts = {side: Texts.of(table) for side, table in tables.items()}
    corpora, counts = {}, {}
    for side, table in tables.items():
        inputs, counts[side] = text.encode(texts[side], on_disk=True)
        corpora[side] = EncodedCorpus(inputs, targets[side], _weights(side, table, targets[side], task))
        if len(texts[side]):
            log.info("%s: %s", side, counts[side])
    _check_tokens(counts["train"])
    metadata = tables["train"].schema.metadata or {}
    facts: dict[str, Any] = {f"rows, {side}": len(corpora[side]) for side in SIDES}
    facts |= {key.decode(): value.decode() for key, value in metadata.items() if key in FACTS}
    facts |= {f"encoding, {side}": str(counts[side]) for side in SIDES if len(texts[side])}
    return Prepared(tables, texts, corpora, counts, facts)


def _check_tokens(train: Counts) -> None:
    if train.empty == train.texts:
        raise DataError(
            f"train: must have a token in some text, got {train.texts:,} empty texts; see the preprocessors"
        )
    if train.unknown == train.tokens:
        got = f"got {train.tokens:,} tokens outside the vocabulary"
        raise DataError(f"train: must have a known token, {got}; lower tokenizer.min_frequency")


def _weights(side: str, table: pa.Table, targets: Any, task: Task) -> Any:
    """Of each row in the loss: the data's, times the task's on the sides that training looks at."""
    weights = np.ones(len(targets), dtype=np.float32) if side == "test" else task.weights(targets)
    if "weight" not in table.column_names:
        return weights
    weights = weights * table["weight"].to_numpy().astype(np.float32)
    if side != "test" and len(weights) and not weights.any():
        raise DataError(f"{side}: must have a row with a weight above 0, got {len(weights)} rows of weight 0")
    return weights


def train(
    trained: TrainedModel,
    prepared: Prepared,
    directory: RunDirectory,
    progress: Progress | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    resume: bool = False,
) -> History:
    """Train what `build` gave; writes everything of the run directory but the measurements.

    Interrupted (Ctrl-C) or diverged, it still leaves the best model so far, if an epoch has ended. `resume` continues
    after the last whole epoch and ends as if there had been no interruption; where nothing is left to train, the model
    and its exports stay as they are.

    Args:
        trained: An untrained model; its weights are the best ones afterwards.
        prepared: The data.
        directory: A new directory, or that of the interrupted run.
        progress: Told how training goes.
        callbacks: Keras callbacks.
        resume: Continue the run in `directory`.

    Raises:
        RunError: Training diverged, the disk is too small, another process trains in the directory, or the run to be
            continued had other settings or data.
        OSError: The disk became full; what was written before is whole.
    """
    with directory.locked():
        if resume:
            check_continues(directory, trained.experiment, prepared.tables)
        _check_room(trained, directory)
        write_text(directory.experiment, trained.experiment.to_toml())
        write_json(directory.environment, describe(trained.experiment, prepared.tables))
        trained.text.tokenizer.save(directory.tokenizer)
        write_json(directory.task, trained.task.state())
        loop = Loop(
            trained.engine,
            trained.model,
            trained.optimizer,
            trained.task,
            trained.experiment.training,
            trained.experiment.seed,
            directory.checkpoints,
            callbacks,
        )
        rows, batch_size = prepared.corpora, trained.experiment.evaluation.batch_size
        with _spared(trained, directory):
            history = loop.fit(rows["train"], rows["validation"], batch_size, progress or _Silent(), resume)
            if len(history.rows) == loop.resumed and has_weights(directory, trained.model):
                ended = f"training ended after epoch {loop.resumed}"
                log.info("nothing left to train, %s; the model and its exports stay as they are", ended)
            else:
                write_model(trained.model, directory)
                if resume and directory.metrics.exists():
                    again = f"measure anew with: kerasseq evaluate {directory.path}"
                    log.warning("metrics, predictions, report and card are of the weights before; %s", again)
            write_history(history, directory)
        if trained.engine.compilations():
            log.info("compiled %d shapes", trained.engine.compilations())
        return history


@contextlib.contextmanager
def _spared(trained: TrainedModel, directory: RunDirectory) -> Iterator[None]:
    """Keep the best model of a training that ends early, and say what is left and how to go on."""
    go_on = f"kerasseq train --resume {directory.path}"
    try:
        yield
    except (KeyboardInterrupt, RunError) as stop:
        rescue(trained.model, trained.experiment.training.restore_best, directory)
        # Diverged, the same settings would take the same way again
        advice = f"; continue with: {go_on}" if isinstance(stop, KeyboardInterrupt) else ""
        stop.add_note(left(directory) + advice)
        raise
    except OSError as stop:
        stop.add_note(f"{left(directory)}; with room, go on with: {go_on}")
        raise


def _check_room(trained: TrainedModel, directory: RunDirectory) -> None:
    size = sum(4 * int(np.prod(variable.shape)) for variable in trained.model.variables) * COPIES
    free = shutil.disk_usage(directory.path).free
    if free < size:
        needs = f"{size / 1e6:,.0f} MB free for the model and its checkpoints"
        raise RunError(f"{directory.path}: must have {needs}, got {free / 1e6:,.0f} MB")


def evaluate(trained: TrainedModel, prepared: Prepared, history: History, directory: RunDirectory) -> Outcome:
    """Measure on the test rows beside the baselines, export; writes metrics, predictions, report, card and artifacts.

    The measurement is on disk before the first export begins, and no export that fails takes it away.

    Raises:
        DataError: There are no test rows.
    """
    training = (prepared.texts["train"], prepared.corpora["train"].targets)
    outcome = measure(trained, prepared.texts["test"], prepared.tables["test"], training, directory)
    created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    write_outcome(outcome, trained)
    try:
        truth, citation = prepared.corpora["test"].targets, prepared.facts.get("citation", "")
        subject = subject_of(trained, directory, prepared.texts["test"], truth, citation)
        exported = export_all(subject, trained.experiment.exporter)
        outcome = replace(outcome, remarks={**outcome.remarks, **exported})
    finally:  # Ctrl-C during an export leaves a report too
        write_pages(outcome, trained, prepared.facts, history, created)
    return outcome


def _unpooled(x: Any, mask: Any = None) -> Any:
    return x


class _Silent:
    """No progress."""

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """Say nothing."""

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """Say nothing."""
