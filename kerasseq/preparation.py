"""Data on its way into a model: read, split, encode."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.config.experiment import Experiment
from kerasseq.corpus.examples import Examples
from kerasseq.corpus.passages import BEGINS
from kerasseq.corpus.split import SIDES, split
from kerasseq.corpus.targets import certainty
from kerasseq.environment import check_data
from kerasseq.errors import DataError
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.cut import Fold
    from kerasseq.corpus.samples import Samples
    from kerasseq.pipelines.pipeline import Counts, Pipeline
    from kerasseq.tasks.task import Task

__all__ = ["Prepared", "encode_test", "fitted", "prepare", "read", "read_again"]

LEARNED = ("train", "validation")
"""The sides that a model without epochs learns from."""

log = logging.getLogger("kerasseq")

FACTS = (b"split", b"skipped", b"labelled_by", b"licence", b"citation", b"hub")
"""What of a table's metadata the report says."""


@dataclass(frozen=True)
class Prepared:
    """Data on its way into a model.

    Attributes:
        tables: Rows of each side, as the dataset gave them.
        samples: The same without targets, as the pipeline reads them.
        examples: The same as numbers.
        counts: What encoding did on each side.
        facts: Rows, licence, citation and what encoding did, for the report.
        folds: Rows of training to learn from and those that are left out, of each fold; empty without folds.
        beside: What the files say of the test rows in columns that nothing else reads, of strings; see `measurable`.
    """

    tables: dict[str, pa.Table]
    samples: dict[str, Samples]
    examples: dict[str, Examples]
    counts: dict[str, Counts]
    facts: dict[str, Any]
    folds: tuple[Fold, ...] = ()
    beside: pa.Table | None = None


def read(experiment: Experiment) -> dict[str, pa.Table]:
    """The rows of each side.

    Raises:
        DataError: A row is wrong, or there is nothing to train on.
        RunError: The rows are many, and there is no room for them on disk.
    """
    table = experiment.dataset.build()
    if not table.num_rows:
        raise DataError("dataset: must have rows, got none")
    table = experiment.task.table(table, experiment.split)
    sides = split(table, experiment.split, experiment.task.target)
    if experiment.training.folds:
        sides = sides.joined()
    log.info("%s", sides.describe())
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), "split": sides.how})
    return sides.tables(table)


def fitted(experiment: Experiment) -> tuple[Pipeline, Samples]:
    """The pipeline of an experiment, with all that it learns from the training rows, and these rows as it reads them.

    Raises:
        DataError: A row is wrong, or there are none to train on.
    """
    table = read(experiment)["train"]
    pipeline: Pipeline = experiment.task.build(experiment, table).pipeline
    return pipeline, pipeline.samples(table)


def read_again(experiment: Experiment, directory: RunDirectory) -> dict[str, pa.Table]:
    """The rows that the run in `directory` had.

    Raises:
        DataError: The data cannot be read any more.
        RunError: A side has other rows than the run had.
    """
    tables = read(experiment)
    check_data(directory, tables)
    return tables


def prepare(tables: dict[str, pa.Table], task: Task) -> Prepared:
    """Encode the rows of every side.

    Raises:
        DataError: With the wrong targets of every side, no row of a side has a weight, or nothing to learn from.
    """
    targets, wrong = {}, []
    for side, table in tables.items():
        try:
            targets[side] = task.targets(table) if side == "test" else task.taught(table, side)
            if side != "test" and side in task.baseline_sides and "taught" in table.column_names:
                task.targets(table)  # what is true of a row is asked for after the training
        except DataError as error:
            wrong.append(str(error))
    if wrong:
        raise DataError("\n".join(wrong))
    samples = {side: task.pipeline.samples(table) for side, table in tables.items()}
    weights = {side: _weights(side, tables[side], targets[side], task) for side in tables}
    _fit_wide(tables, samples, task, targets, weights)
    examples, counts = {}, {}
    for side, table in tables.items():
        inputs, counts[side] = task.pipeline.encode(samples[side], on_disk=True)
        examples[side] = task.examples(inputs, targets[side], weights[side])
        if table.num_rows:
            log.info("%s: %s", side, counts[side])
    task.pipeline.check(counts["train"])
    metadata = tables["train"].schema.metadata or {}
    facts: dict[str, Any] = {f"rows, {side}": len(examples[side]) for side in SIDES}
    facts |= {key.decode(): value.decode() for key, value in metadata.items() if key in FACTS}
    facts |= {f"encoding, {side}": str(counts[side]) for side in SIDES if len(examples[side])}
    return Prepared(tables, samples, examples, counts, facts)


def measurable(prepared: Prepared, experiment: Experiment) -> Prepared:
    """With what is written beside the answers to the test rows: the columns of their files that have no other use.

    Raises:
        DataError: There are no test rows.
    """
    test = prepared.tables["test"]
    if not test.num_rows:
        raise DataError("test: must have rows to measure on, got none; set split.test, or use kerasseq train")
    whole = BEGINS not in test.column_names  # a passage is no row of a file
    return replace(prepared, beside=experiment.dataset.other_columns(test)) if whole else prepared


def _fit_wide(
    tables: dict[str, pa.Table],
    samples: dict[str, Samples],
    task: Task,
    targets: dict[str, Any],
    weights: dict[str, Any],
) -> None:
    """Fit a linear branch on the rows of training and then of validation; that of a finished run is fitted."""
    branch = task.pipeline.wide
    if branch is None or branch.width:
        return
    learned = [tables[side] for side in LEARNED]
    texts = [text for side in LEARNED for text in task.pipeline.wide_rows(samples[side])]
    truth, counted = (np.concatenate([of[side] for side in LEARNED]) for of in (targets, weights))
    groups = None
    if all("group" in table.column_names for table in learned):
        groups = np.array([group for table in learned for group in table["group"].to_pylist()], dtype=object)
    branch.fit(texts, replace(task.sought(truth), weights=counted, groups=groups, judged=len(samples["validation"])))


def encode_test(table: pa.Table, task: Task) -> tuple[Samples, Examples, Counts]:
    """Every row of a table as one to measure on.

    Raises:
        DataError: A target is wrong.
    """
    targets = task.targets(table)
    samples = task.pipeline.samples(table)
    inputs, counts = task.pipeline.encode(samples)
    return samples, task.examples(inputs, targets), counts


def _weights(side: str, table: pa.Table, targets: Any, task: Task) -> Any:
    """Of each row in the loss: the data's, times the task's on the sides that training looks at."""
    weights = np.ones(len(targets), dtype=np.float32) if side == "test" else task.weights(targets)
    if side != "test" and "deviation" in table.column_names:
        weights = weights * certainty(table["deviation"].to_numpy())
    if "weight" not in table.column_names:
        return weights
    weights = weights * table["weight"].to_numpy().astype(np.float32)
    if side != "test" and len(weights) and not weights.any():
        raise DataError(f"{side}: must have a row with a weight above 0, got {len(weights)} rows of weight 0")
    return weights
