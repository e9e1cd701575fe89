"""What an epoch adds up while it goes, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kerasseq.backend.engine import Step

__all__ = ["History", "Sums"]


@dataclass
class Sums:
    """What an epoch adds up while it goes.

    Attributes:
        updates: Done in it.
        loss: Weighted sum of the losses of its rows, each before the update that it was in.
        weight: Of these rows.
        tokens: In them.
        norms: Of the gradient of each update.
        seconds: That it took so far, in processes before this one too.
    """

    updates: int = 0
    loss: float = 0.0
    weight: float = 0.0
    tokens: int = 0
    norms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, step: Step, tokens: int) -> None:
        """Take an update in."""
        self.updates += 1
        self.loss += step.loss * step.weight
        self.weight += step.weight
        self.norms.append(step.gradient_norm)
        self.tokens += tokens

    @property
    def mean(self) -> float:
        """The loss so far."""
        return self.loss / (self.weight or 1)


@dataclass
class History:
    """One row per epoch.

    Attributes:
        rows: Losses, scores, learning rate, gradient norm: the same numbers for the same seed on the same machine.
        timing: Seconds, and training tokens per second.
        best_epoch: 1-based; 0 before the first epoch.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    timing: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = 0
