"""Measuring a finished run: its own test rows again, or other data."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from kerasseq.corpus.text import Texts
from kerasseq.datasets.unlabelled import as_table
from kerasseq.errors import UsageError
from kerasseq.experiment import prepare, read
from kerasseq.files import RunDirectory
from kerasseq.outcome import Outcome, measure, write_outcome
from kerasseq.trained import load
from kerasseq.training.checkpoint import read_checkpoint
from kerasseq.training.loop import History

__all__ = ["again", "elsewhere"]


def again(directory: RunDirectory) -> Outcome:
    """Measure the run's own test rows and write its metrics, report and card anew.

    Raises:
        DataError: The data changed so that it no longer fits.
    """
    trained = load(directory.path)
    prepared = prepare(read(trained.experiment), trained.text, trained.task)
    training = (prepared.texts["train"], prepared.corpora["train"].targets)
    outcome = measure(trained, prepared.texts["test"], prepared.tables["test"], training, directory)
    created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    write_outcome(outcome, trained, prepared.facts, _history(directory), created)
    return outcome


def elsewhere(directory: RunDirectory, data: Path) -> Outcome:
    """Measure every row of `data`; the run directory stays as it is.

    Args:
        directory: A finished run.
        data: A table with the columns that the experiment names, or `text` and `target`.

    Raises:
        DataError: The table is unreadable, or a row is wrong.
    """
    trained = load(directory.path)
    table = as_table(trained.experiment.dataset, data, labelled=True)
    wrong = [f"{data}: {message}" for _, message in table.problems()]
    if wrong:
        raise UsageError("\n".join(wrong))
    rows = table.build()
    return measure(trained, Texts.of(rows), rows, None, directory)


def _history(directory: RunDirectory) -> History:
    """The history that training wrote; its timing too."""
    history = History(_rows(directory.history), _rows(directory.timing))
    best = directory.checkpoints / "best.npz"
    if best.exists():
        history.best_epoch = int(read_checkpoint(best)[0]["epoch"])
    return history


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]
