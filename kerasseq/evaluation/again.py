"""Measuring a finished run: its own test rows again, or other data."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from kerasseq.config.experiment import Experiment
from kerasseq.datasets.reading import Reading
from kerasseq.datasets.unlabelled import read_rows
from kerasseq.evaluation.evaluate import evaluate
from kerasseq.evaluation.measure import Outcome, Places, measure
from kerasseq.files import guarded
from kerasseq.loading import load
from kerasseq.preparation import encode_test, measurable, prepare, read_again
from kerasseq.run_directory import RunDirectory
from kerasseq.tracking import tracking
from kerasseq.training.checkpoint import read_checkpoint
from kerasseq.training.history import History

__all__ = ["again", "elsewhere"]


def again(directory: RunDirectory, experiment: Experiment | None = None) -> Outcome:
    """Measure the run's own test rows and write its metrics, report and card anew.

    Args:
        directory: A finished run.
        experiment: The run's, where it says better than experiment.toml where the data is: in memory.

    Raises:
        DataError: The data cannot be read any more, or there are no test rows.
        RunError: The run is damaged, or a side has other rows than the run had.
    """
    trained = load(directory.path)
    experiment = experiment or trained.experiment
    tables = read_again(experiment, directory)
    prepared, history = measurable(prepare(tables, trained.task), experiment), _history(directory)
    with tracking(trained.experiment, directory, measured=True) as tracked:
        tracked.start(resumed=True)
        return evaluate(trained, prepared, history, directory)


def elsewhere(directory: RunDirectory, data: Path, reading: Reading | None = None) -> Outcome:
    """Measure every row of `data`; the run directory stays as it is.

    Args:
        directory: A finished run.
        data: A file as the experiment's dataset reads it; of texts a table with the columns that it names, or `text`
            and `target`.
        reading: What the command line says of the file.

    Raises:
        DataError: The table is unreadable, or a row is wrong.
        UsageError: There is no such file, or a column is missing.
        RunError: The run is damaged.
    """
    trained = load(directory.path)
    experiment = trained.experiment
    whole = experiment.split.model_copy(update={"validation": 0.0, "test": 0.0})
    rows = experiment.task.table(read_rows(experiment.dataset, data, labelled=True, reading=reading), whole)
    return measure(trained, *encode_test(rows, trained.task), Places(rows), None, directory)


def _history(directory: RunDirectory) -> History:
    """The history that training wrote; its timing too."""
    history = History(_rows(directory.history), _rows(directory.timing))
    last = directory.checkpoints / "last.npz"
    if last.exists():
        history.best_epoch = int(read_checkpoint(last)[0]["best"]["epoch"])
    return history


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with guarded(path, "what training wrote"), path.open(encoding="utf-8", newline="") as file:
        return [{key: _number(value) for key, value in row.items() if value} for row in csv.DictReader(file)]


def _number(value: str) -> float:
    return int(value) if value.isdigit() else float(value)
