"""What one update would do to each weight; it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.gradient_flow.measured import WeightUpdate
from kerasseq.training.checkpoint import load_arrays, read_checkpoint, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from kerasseq.corpus.examples import Batch
    from kerasseq.trained import TrainedModel

__all__ = ["one_step", "with_optimizer_of"]


def with_optimizer_of(trained: TrainedModel, checkpoints: Path) -> None:
    """Give a model the optimizer as its training left it, where that was kept: moments and learning rate."""
    last = checkpoints / "last.npz"
    if last.exists():
        optimizer = trained.optimizer
        optimizer.build(trained.model.trainable_variables)
        load_arrays(optimizer.variables, read_checkpoint(last)[1].get("optimizer", ()), last)


def one_step(trained: TrainedModel, batches: Sequence[Batch], names: Sequence[str]) -> tuple[float, list[WeightUpdate]]:
    """One update of the optimizer at its learning rate, clipped as training clips, dropout off.

    Args:
        trained: Its weights are the same afterwards; its optimizer is one update further.
        batches: The rows of the update.
        names: Of the trainable weights, in the model's order.

    Returns:
        The norm of the gradient before clipping, and what changes.
    """
    model = trained.model
    before = snapshot(model.variables)
    weights = model.trainable_variables
    old = snapshot(weights)
    try:
        step = trained.engine.train(batches, training=False)
        new = snapshot(weights)
    finally:
        load_arrays(model.variables, before)
    return step.gradient_norm, [
        WeightUpdate(name, float(np.linalg.norm(a)), float(np.linalg.norm(b - a)))
        for name, a, b in zip(names, old, new, strict=True)
    ]
