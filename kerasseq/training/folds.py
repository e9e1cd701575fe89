"""Training by folds: networks that leave rows out say how long to train, what to answer and how much of it to trust.

One network on all rows follows them, and is the one that is kept: no row is spent on choosing its epoch.
"""

# N rows

from __future__ import annotations

import logging
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.corpus.examples import Examples
from kerasseq.training.checkpoint import read_checkpoint, write_checkpoint
from kerasseq.training.history import History
from kerasseq.training.judged import beside
from kerasseq.training.loop import Loop, Progress
from kerasseq.training.prediction import predict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.corpus.cut import Fold
    from kerasseq.training.trainable import Trainable
    from kerasseq.wide.branch import Branch

__all__ = ["HeldOut", "cross_fit", "finished_folds", "fold_seed"]

log = logging.getLogger("kerasseq")

DONE = "held_out.npz"


@dataclass(frozen=True)
class HeldOut:
    """What the networks of all folds say.

    Attributes:
        outputs: Of every row, `(N, ...)`, by the network that had not seen it; those of steps are left out.
        histories: Of each fold.
    """

    outputs: Mapping[str, NDArray[Any]]
    histories: Sequence[History]

    @property
    def best_epochs(self) -> list[int]:
        """Of each fold."""
        return [history.best_epoch for history in self.histories]

    @property
    def rates(self) -> list[float]:
        """The learning rate of each epoch of the network on all rows, which are as many as the median fold's best one
        has: the median over the folds that came so far."""
        epochs = int(statistics.median_high(self.best_epochs))
        return [statistics.median(row["learning_rate"] for row in self._rows(epoch)) for epoch in range(1, epochs + 1)]

    def beside(self, branch: Branch, factors: tuple[float, float]) -> dict[str, NDArray[Any]]:
        """The outputs with a linear branch's part in the first, which is the answer.

        Args:
            branch: Fitted on the same rows; where it was not held out from a row, the network answers alone.
            factors: Of both.
        """
        held_out = branch.held_out
        return dict(self.outputs) if held_out is None else beside(self.outputs, held_out, factors)

    def describe(self) -> dict[str, Any]:
        """How many folds, the best epoch of each, and the epochs of the network on all rows, as JSON values."""
        return {"folds": len(self.histories), "best_epochs": self.best_epochs, "epochs": len(self.rates)}

    def validation(self, epoch: int) -> dict[str, float]:
        """What was measured on the rows left out after an epoch: the mean over the folds that came so far."""
        rows = list(self._rows(epoch))
        names = dict.fromkeys(name for row in rows for name in row if name.startswith("validation_"))
        return {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}

    def _rows(self, epoch: int) -> Iterator[dict[str, Any]]:
        for history in self.histories:
            if len(history.rows) >= epoch:
                yield history.rows[epoch - 1]


def cross_fit(
    make: Callable[[int], Trainable],
    seed: int,
    rows: Examples,
    folds: Sequence[Fold],
    checkpoints: Path,
    progress: Progress,
    resume: bool = False,
) -> HeldOut:
    """Train a network for each fold and ask it for the rows that it leaves out.

    Args:
        make: An untrained model of a seed.
        seed: Of the experiment; every fold has its own.
        rows: All `N` rows.
        folds: Each row is left out once.
        checkpoints: Gets a folder for each fold, which holds what the fold gave once it is done.
        progress: Told which fold begins, and how it goes.
        resume: Take finished folds as they are, and go on with the one that was interrupted.

    Raises:
        RunError: Training diverged, or what a fold left is damaged.
    """
    outputs: dict[str, NDArray[Any]] = {}
    histories = []
    for number, (known, left) in enumerate(folds, start=1):
        folder = checkpoints / f"fold-{number}"
        done = folder / DONE
        if not (resume and done.exists()):
            own = fold_seed(seed, number)
            trained = make(own)
            progress.part(f"fold {number} of {len(folds)}", trained.experiment.training.epochs)
            _fit(trained, own, rows.take(known), rows.take(left), folder, progress, resume)
        state, arrays = read_checkpoint(done)
        histories.append(History(state["rows"], state["timing"], state["best_epoch"]))
        for name, array in zip(state["outputs"], arrays.get("outputs", ()), strict=True):
            if name not in outputs:
                outputs[name] = np.empty((len(rows), *array.shape[1:]), dtype=array.dtype)
            outputs[name][left] = array
    return HeldOut(outputs, histories)


def _fit(
    trained: Trainable,
    seed: int,
    known: Examples,
    left: Examples,
    folder: Path,
    progress: Progress,
    resume: bool,
) -> None:
    """One fold, from its untrained model to what it gives."""
    task, settings = trained.task, trained.experiment.training
    batch_size = trained.experiment.evaluation.batch_size
    loop = Loop(trained.engine, trained.model, trained.optimizer, task, settings, seed, folder)
    history = loop.fit(known, left, batch_size, progress, resume)
    found, _ = predict(trained.engine, left.unlabelled(), task, batch_size)
    kept = {out.name: found[out.name] for out in task.outputs if out.name in found and not out.timed}
    state = {
        "rows": history.rows,
        "timing": history.timing,
        "best_epoch": history.best_epoch,
        "outputs": list(kept),
    }
    write_checkpoint(folder / DONE, state, outputs=list(kept.values()))
    for weights in ("last.npz", "best.npz", "within.npz"):
        (folder / weights).unlink(missing_ok=True)
    log.info("%s: best epoch %d of %d", folder.name, history.best_epoch, len(history.rows))


def fold_seed(seed: int, number: int) -> int:
    """The seed of a fold, which is no other experiment's that counts up from 0."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def finished_folds(checkpoints: Path) -> int:
    """How many are done."""
    return len(list(checkpoints.glob(f"fold-*/{DONE}")))
