"""One network from its rows: watched on the rows of validation, or, where folds are asked for, told by them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import keras
import numpy as np

from kerasseq.files import guarded, write_json
from kerasseq.training.folds import cross_fit
from kerasseq.training.history import History
from kerasseq.training.loop import Loop, Progress
from kerasseq.training.prediction import predict
from kerasseq.training.share import blend_of, factors

if TYPE_CHECKING:
    from kerasseq.corpus.cut import Fold
    from kerasseq.corpus.examples import Examples
    from kerasseq.run_directory import RunDirectory
    from kerasseq.training.trainable import Trainable

__all__ = ["ALL_ROWS", "Fit", "fit", "fit_by_folds", "share"]

ALL_ROWS = "all rows"
"""The part of a training that follows the folds, whose network is kept."""


@dataclass(frozen=True)
class Fit:
    """Where a training goes, and how.

    Attributes:
        trained: With an untrained model, which `fit` gives the weights that are kept.
        directory: Of the run.
        progress: Told how training goes.
        callbacks: Keras callbacks, which see the network that is kept.
        resume: Go on after the last whole epoch in the directory.
    """

    trained: Trainable
    directory: RunDirectory
    progress: Progress
    callbacks: Sequence[keras.callbacks.Callback] = ()
    resume: bool = False

    @property
    def share(self) -> float | Literal["auto"]:
        """The network's part beside a linear branch, as `[wide]` asks for it."""
        wide = self.trained.experiment.wide
        return "auto" if wide is None else wide.share

    def loop(self, rates: Sequence[float] = ()) -> Loop:
        """The epochs of the network that is kept; see `Loop`."""
        trained = self.trained
        return Loop(
            trained.engine,
            trained.model,
            trained.optimizer,
            trained.task,
            trained.experiment.training,
            trained.experiment.seed,
            self.directory.checkpoints,
            self.callbacks,
            rates,
        )


def fit(asked: Fit, train: Examples, validation: Examples) -> tuple[History, int]:
    """Train while the rows of validation say that it helps; by them the network and a branch share the answer.

    Returns:
        The epochs, and how many of them an earlier process trained.

    Raises:
        RunError: Training diverged.
    """
    trained, loop = asked.trained, asked.loop()
    batch_size = trained.experiment.evaluation.batch_size
    history = loop.fit(train, validation, batch_size, asked.progress, asked.resume)
    share(asked, validation)
    return history, loop.resumed


def share(asked: Fit, validation: Examples) -> None:
    """Have the network and a linear branch share the answer as the rows of validation say, or as folds have said."""
    trained = asked.trained
    blend, branch = blend_of(trained.model), trained.task.pipeline.wide
    if blend is None or branch is None:
        return
    if parts := _parts_by_folds(asked.directory):
        blend.share(*parts)
        return
    with blend.alone():
        size = trained.experiment.evaluation.batch_size
        outputs, _ = predict(trained.engine, validation.unlabelled(), trained.task, size)
    blend.share(*factors(trained.task, branch, outputs, validation, asked.share))


def _parts_by_folds(directory: RunDirectory) -> tuple[float, float] | None:
    if not directory.folds.exists():
        return None
    with guarded(directory.folds, "what training wrote"):
        parts = json.loads(directory.folds.read_text(encoding="utf-8")).get("parts")
        return (float(parts[0]), float(parts[1])) if parts else None


def fit_by_folds(
    asked: Fit, rows: Examples, folds: Sequence[Fold], make: Callable[[int], Trainable]
) -> tuple[History, int]:
    """Train a network for each fold, then the one that is kept, on all rows; writes `folds.json` too.

    The former say of rows that they had not seen how many epochs the latter gets, at what learning rates, how it and a
    branch share the answer (Wolpert, 1992), and with `distillation` what it learns. What they measured stands in the
    history as its validation.

    Args:
        asked: Where to.
        rows: All rows.
        folds: Each row is left out once.
        make: An untrained model of a seed.

    Returns:
        The epochs of the last network, and how many of them an earlier process trained.

    Raises:
        RunError: Training diverged.
    """
    trained, experiment = asked.trained, asked.trained.experiment
    task, share = trained.task, experiment.training.distillation
    held_out = cross_fit(make, experiment.seed, rows, folds, asked.directory.checkpoints, asked.progress, asked.resume)
    answers, parts = held_out.outputs, (1.0, 0.0)
    blend, branch = blend_of(trained.model), task.pipeline.wide
    if blend is not None and branch is not None:
        parts = factors(task, branch, answers, rows, asked.share)
        answers = held_out.beside(branch, parts)
    told = held_out.describe() | {"parts": parts}
    if answers:
        told["network_alone"] = task.quick_scores(rows.targets, task.decode(held_out.outputs))
        told["answer"] = task.quick_scores(rows.targets, task.decode(answers))
    write_json(asked.directory.folds, told)
    targets = task.softened(rows.targets, answers, share) if share else rows.targets
    keras.utils.set_random_seed(experiment.seed)  # the folds have drawn from it
    loop = asked.loop(held_out.rates)
    asked.progress.part(ALL_ROWS, loop.epochs)
    none = rows.take(np.zeros(0, dtype=np.int64))
    history = loop.fit(replace(rows, targets=targets), none, 1, asked.progress, asked.resume)
    for row in history.rows:
        row |= held_out.validation(row["epoch"])
    if blend is not None:
        blend.share(*parts)
    return history, loop.resumed
