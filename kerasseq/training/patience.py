"""Watching validation: smooth it, lower the learning rate on a plateau, stop when nothing improves, keep the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

__all__ = ["Best", "Latest", "Plateau", "Scheduled", "Smoothed", "Stopping"]


class Smoothed:
    """The exponential average of what is watched over epochs, corrected for its start as Adam's moments are.

    Args:
        share: Of the average that stays with each epoch, in [0, 1); 0 gives every value as it is.

    >>> smoothed = Smoothed(0.5)
    >>> [round(smoothed.step(value), 3) for value in (0.6, 0.9, 0.6)]
    [0.6, 0.8, 0.686]
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self.sum = 0.0
        self.epochs = 0

    def step(self, value: float) -> float:
        """The average after one more epoch; what is undefined there, infinite, is given back and left out."""
        if math.isinf(value):
            return value
        self.sum = self.share * self.sum + (1 - self.share) * value
        self.epochs += 1
        return self.sum / (1 - self.share**self.epochs)

    def state_dict(self) -> dict[str, Any]:
        """The sum before it is corrected, and the epochs in it."""
        return {"sum": self.sum, "epochs": self.epochs}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left."""
        self.sum, self.epochs = float(state["sum"]), int(state["epochs"])


class _Patience:
    """Counts epochs in which neither what is watched nor the loss improves by more than `minimum_delta`.

    The loss alone would not do: it turns when a classifier grows too sure, long before its answers are at their best.
    Nor would the score: of few rows it moves in large steps, and stands still behind one lucky epoch while the loss
    says that the step size still brings something. Where the loss is watched, the two are one.
    """

    def __init__(self, patience: int, minimum_delta: float) -> None:
        self.patience = patience
        self.minimum_delta = minimum_delta
        self.best = math.inf
        self.loss = math.inf
        self.waited = 0

    def _exhausted(self, watched: float, loss: float) -> bool:
        better, lower = watched < self.best - self.minimum_delta, loss < self.loss - self.minimum_delta
        if better:
            self.best = watched
        if lower:
            self.loss = loss
        self.waited = 0 if better or lower else self.waited + 1
        return self.waited >= self.patience > 0

    def state_dict(self) -> dict[str, Any]:
        """The best of what is watched and of the loss (None before the first epoch), and epochs waited."""
        best, loss = (None if math.isinf(value) else value for value in (self.best, self.loss))
        return {"best": best, "loss": loss, "waited": self.waited}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left; a checkpoint of 0.1.0 watched the loss."""
        best, loss = state["best"], state.get("loss", state["best"])
        self.best, self.loss = (math.inf if value is None else float(value) for value in (best, loss))
        self.waited = int(state["waited"])


class Plateau(_Patience):
    """Multiply the learning rate by `factor` after `patience` epochs without improvement, then count anew.

    Counts as `keras.callbacks.ReduceLROnPlateau`: with patience 3 the rate falls at the end of the third such epoch.

    Args:
        patience: Epochs, at least 1; 0 never lowers.
        factor: In (0, 1).
        minimum: The rate never falls below.
        minimum_delta: What counts as improvement, in the unit of what is watched.

    >>> plateau = Plateau(patience=2, factor=0.5, minimum=0.0, minimum_delta=0.0)
    >>> [plateau.step(loss, loss, 1.0) for loss in (3.0, 3.0, 3.0, 2.0)]
    [1.0, 1.0, 0.5, 1.0]
    """

    def __init__(self, patience: int, factor: float, minimum: float, minimum_delta: float) -> None:
        super().__init__(patience, minimum_delta)
        self.factor = factor
        self.minimum = minimum

    def step(self, watched: float, loss: float, learning_rate: float) -> float:
        """The learning rate of the next epoch."""
        if not self._exhausted(watched, loss):
            return learning_rate
        self.waited = 0
        return max(learning_rate * self.factor, min(self.minimum, learning_rate))


class Stopping(_Patience):
    """Say when to stop: after `patience` epochs without improvement (as `keras.callbacks.EarlyStopping`).

    Args:
        patience: Epochs, at least 1; 0 never stops.
        minimum_delta: What counts as improvement, in the unit of what is watched.
    """

    def step(self, watched: float, loss: float) -> bool:
        """Whether training ends with this epoch."""
        return self._exhausted(watched, loss)


class Best:
    """Which epoch was best so far, by any improvement at all; of two that are watched equal, the one of less loss."""

    def __init__(self) -> None:
        self.watched = math.inf
        self.loss = math.inf
        self.epoch = 0

    def step(self, watched: float, loss: float, epoch: int) -> bool:
        """Whether this epoch is the best so far."""
        if (watched, loss) < (self.watched, self.loss):
            self.watched, self.loss, self.epoch = watched, loss, epoch
            return True
        return False

    def state_dict(self) -> dict[str, Any]:
        """What was watched, the loss (None where there is none yet), and the epoch, 1-based."""
        watched, loss = (None if math.isinf(value) else value for value in (self.watched, self.loss))
        return {"watched": watched, "loss": loss, "epoch": self.epoch}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left; a checkpoint of 0.1.0 watched the loss."""
        self.loss = math.inf if state["loss"] is None else float(state["loss"])
        watched = state.get("watched", state["loss"])
        self.watched = math.inf if watched is None else float(watched)
        self.epoch = int(state["epoch"])


class Latest(Best):
    """The last epoch is the best one, whatever its loss: of a training whose length is known beforehand."""

    def step(self, watched: float, loss: float, epoch: int) -> bool:
        """True."""
        self.watched, self.loss, self.epoch = watched, loss, epoch
        return True


class Scheduled(Plateau):
    """The learning rate of each epoch as it was found elsewhere.

    Args:
        rates: Of the first epoch, the second, and so on; the last one stays.

    >>> scheduled = Scheduled([1.0, 0.5])
    >>> [scheduled.step(3.0, 3.0, 1.0) for _ in range(3)]
    [0.5, 0.5, 0.5]
    """

    def __init__(self, rates: Sequence[float]) -> None:
        super().__init__(0, 1.0, 0.0, 0.0)
        self.rates = rates

    def step(self, watched: float, loss: float, learning_rate: float) -> float:
        """The learning rate of the next epoch."""
        self.waited += 1  # of a schedule: epochs that are over
        return self.rates[min(self.waited, len(self.rates) - 1)]
