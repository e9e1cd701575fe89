"""Workers that train one model together: each takes its part of the rows of an update, and all do the same update.

What is summed is NumPy's, so that whoever carries it from process to process knows of no backend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ALONE", "Alone", "Team", "pooled"]


class Team(Protocol):
    """As many workers as take part in each update; the first one leads, and decides what is to be decided.

    Every worker calls the same methods in the same order; each waits for the others.
    """

    @property
    def rank(self) -> int:
        """Which worker this is, 0 for the leader."""

    @property
    def size(self) -> int:
        """How many there are."""

    def sum(self, values: NDArray[np.float32]) -> None:
        """Put the sum over all workers in place of `values`; to the last bit the same for each."""

    def share(self, values: NDArray[Any]) -> None:
        """Put the leader's in place of `values`, of the same type and shape for each."""

    def said(self, what: Mapping[str, Any]) -> dict[str, Any]:
        """What the leader says, JSON values; of the others `what` does not count."""


@dataclass(frozen=True)
class Alone:
    """A team of one, of which nobody is asked."""

    rank: int = 0
    size: int = 1

    def sum(self, values: NDArray[np.float32]) -> None:
        """Of one."""

    def share(self, values: NDArray[Any]) -> None:
        """With nobody."""

    def said(self, what: Mapping[str, Any]) -> dict[str, Any]:
        """By itself."""
        return dict(what)


ALONE = Alone()


def pooled(
    team: Team, loss: float, weight: float, gradients: Sequence[NDArray[np.float32]]
) -> tuple[float, float, list[NDArray[np.float32]]]:
    """Loss and gradients of the rows of all workers together, as if one had had them all.

    Args:
        team: Of the workers.
        loss: Weighted mean over this worker's rows.
        weight: Their total weight; 0 where it has none.
        gradients: Of that loss, by each weight.

    Returns:
        The weighted mean loss, the total weight, and the gradients; zeros where no row counts.
    """
    flat = np.concatenate([*(np.ravel(gradient) for gradient in gradients), [loss, 1.0]], dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite the update will find
        flat *= np.float32(weight)
        team.sum(flat)
        total = float(flat[-1])
        flat /= np.float32(total or 1.0)
    ends = np.cumsum([gradient.size for gradient in gradients])
    parts = np.split(flat[:-2], ends[:-1]) if len(ends) else []
    shaped = [part.reshape(gradient.shape) for part, gradient in zip(parts, gradients, strict=True)]
    return float(flat[-2]), total, shaped
