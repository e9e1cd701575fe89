"""The learning rate of each update: it rises in a warm-up, and falls over the whole of the training."""

from __future__ import annotations

import math

from kerasseq.config.settings import TrainingSettings
from kerasseq.errors import RunError

__all__ = ["Schedule", "warm"]

RISE, DEPTH = 10, 32
"""Of the slanted triangle: updates over those in which it rises, and its largest rate over its smallest one, as in the
paper (`1 / cut_frac` and `ratio`)."""


class Schedule:
    """The learning rate as a function of the number of an update alone, so that a resumed training has the same one.

    `plateau` and `constant` say nothing behind the warm-up. `linear` and `cosine` (Loshchilov & Hutter, 2017) fall from
    the largest rate, which the last update of the warm-up has, to the least one; `triangular` (Howard & Ruder, 2018)
    rises over a tenth of the updates and falls over the others. The end of the fall is the update behind the last one.

    Args:
        settings: `[training]`.

    Attributes:
        planned: Updates over which the rate falls, as they were planned when training began; behind these it stays
            where it ended. 0 before `plan`.

    >>> schedule = Schedule(TrainingSettings(schedule="linear", learning_rate=1.0, minimum_learning_rate=0.0))
    >>> schedule.plan(4)
    >>> [schedule.rate(update) for update in range(6)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self.planned = 0

    @property
    def falls(self) -> bool:
        """Whether it says the rate of every update."""
        return self.settings.schedule in ("linear", "cosine", "triangular")

    def plan(self, updates: int) -> None:
        """Fall over so many updates.

        Raises:
            RunError: The warm-up leaves none to fall over.
        """
        warmup = self.settings.warmup_steps
        if self.falls and warmup >= updates:
            rule = f'must be less than the {updates} updates over which schedule = "{self.settings.schedule}" falls'
            raise RunError(f"training.warmup_steps: {rule}, got {warmup}; lower it, or raise training.epochs")
        self.planned = updates

    def says(self, update: int) -> bool:
        """Whether it says the rate of update number `update`, 0-based; the others keep the rate that is set."""
        return self.falls or update < self.settings.warmup_steps

    def rate(self, update: int) -> float:
        """The learning rate of update number `update`, 0-based."""
        settings = self.settings
        high, low = settings.learning_rate, settings.minimum_learning_rate
        if settings.schedule == "triangular":
            low, top = max(low, high / DEPTH), self.planned // RISE
            return low + (high - low) * (update / top if update < top else self._left(update, top))
        if update < settings.warmup_steps or not self.falls:
            return warm(high, update, settings.warmup_steps)
        left = self._left(update, max(settings.warmup_steps - 1, 0))
        return low + (high - low) * (left if settings.schedule == "linear" else (1 - math.cos(math.pi * left)) / 2)

    def _left(self, update: int, top: int) -> float:
        """The share of the fall that is left; all of it at the update with the largest rate, `top`."""
        return max(1 - (update - top) / max(self.planned - top, 1), 0.0)


def warm(rate: float, update: int, warmup_steps: int) -> float:
    """The rate of update number `update` (0-based) in a linear warm-up to `rate`.

    >>> [warm(1.0, update, 4) for update in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    """
    return rate * min((update + 1) / warmup_steps, 1.0) if warmup_steps else rate
