"""The end of a training whose numbers are none any more: where, of which rows, and what it spoiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasseq.errors import RunError
from kerasseq.training.checkpoint import snapshot

__all__ = ["Diverged", "diverged", "spoiled"]

NAMED = 3
"""Weights that a message names."""


class Diverged(RunError):
    """A loss or a gradient is not finite.

    Args:
        message: What, where, and what to do.
        rows: The training rows of the update, as the sampler gave them; none where it was no update.
    """

    def __init__(self, message: str, rows: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.rows = rows


def diverged(what: str, got: str, where: str, spoils: str = "", rows: Sequence[Any] = ()) -> Diverged:
    """What to raise.

    Args:
        what: `"loss"`.
        got: Its value.
        where: Epoch and update.
        spoils: What `spoiled` says.
        rows: See `Diverged`.
    """
    hint = "lower training.learning_rate or training.global_clipnorm"
    return Diverged(f"training: {what} must stay finite, got {got} in {where}{spoils}; {hint}", rows)


def spoiled(model: Any) -> str:
    """Where the gradient was not finite, by the weights that it has left so."""
    wrong = [v.path for v, values in zip(model.weights, snapshot(model.weights), strict=True) if not _finite(values)]
    if not wrong:
        return ""
    named = ", ".join(wrong[:NAMED])
    return f", which spoils {named}{f' and {len(wrong) - NAMED} more' if len(wrong) > NAMED else ''}"


def _finite(values: Any) -> bool:
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())
