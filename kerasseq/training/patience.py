"""Watching validation: lower the learning rate on a plateau, stop when nothing improves, keep the best."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["Best", "Plateau", "Stopping"]


class _Patience:
    """Counts epochs without an improvement of more than `minimum_delta`.

    Of a score that stands still, as the F1 of spans does while there are none, a falling loss is an improvement.
    """

    def __init__(self, patience: int, minimum_delta: float) -> None:
        self.patience = patience
        self.minimum_delta = minimum_delta
        self.best = math.inf
        self.loss = math.inf
        self.waited = 0

    def _exhausted(self, watched: float, loss: float) -> bool:
        better = watched < self.best - self.minimum_delta
        if better or (watched <= self.best and loss < self.loss - self.minimum_delta):
            self.best, self.loss = min(watched, self.best), loss
            self.waited = 0
            return False
        self.waited += 1
        return self.waited >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """The best of what is watched and its loss (None before the first epoch), and epochs waited."""
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
        if not self._exhausted(watched, loss) or not self.patience:
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
        return self._exhausted(watched, loss) and self.patience > 0


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
        """What was watched, the loss (both None before the first epoch), and the epoch, 1-based."""
        if math.isinf(self.watched):
            return {"watched": None, "loss": None, "epoch": 0}
        return {"watched": self.watched, "loss": self.loss, "epoch": self.epoch}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up where `state_dict` left; a checkpoint of 0.1.0 watched the loss."""
        self.loss = math.inf if state["loss"] is None else float(state["loss"])
        watched = state.get("watched", state["loss"])
        self.watched = math.inf if watched is None else float(watched)
        self.epoch = int(state["epoch"])
