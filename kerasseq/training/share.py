"""The parts of the network and of the linear branch beside it in the answer."""

# N rows of validation

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kerasseq.layers.blend import Blend
from kerasseq.training.prediction import predict

if TYPE_CHECKING:
    from kerasseq.backend.engine import Engine
    from kerasseq.corpus.examples import Examples
    from kerasseq.tasks.task import Task

__all__ = ["blend_of", "share_answer"]

log = logging.getLogger("kerasseq")


def blend_of(model: Any) -> Blend | None:
    """The layer where both meet; None of a model without a branch."""
    return next((layer for layer in model.layers if isinstance(layer, Blend)), None)


def share_answer(
    model: Any, engine: Engine, task: Task, validation: Examples, asked: float | Literal["auto"], batch_size: int
) -> None:
    """Give a trained network, which answers alone, and the branch beside it their parts; nothing without a branch.

    Args:
        model: With a trained network.
        engine: Of the model.
        task: With the fitted branch.
        validation: Rows that the network was not trained on; the branch was judged on them as the last that it learned
            from.
        asked: The network's part, or `auto`: what suits the validation rows, and a half where there are none.
        batch_size: Of the prediction.
    """
    blend, branch = blend_of(model), task.pipeline.wide
    if blend is None or branch is None:
        return
    if asked != "auto":
        factors = (float(asked), 1 - float(asked))
    elif not len(validation) or branch.held_out is None:
        factors = (0.5, 0.5)
    else:
        held_out = branch.held_out[-len(validation) :]
        with blend.alone():
            outputs, _ = predict(engine, validation.unlabelled(), task, batch_size)
        seen = ~np.isnan(held_out[:, 0])
        weights = np.ones(len(validation)) if validation.weights is None else validation.weights.astype(float)
        known = {name: np.asarray(values)[seen] for name, values in outputs.items() if not isinstance(values, list)}
        factors = task.blend(known, held_out[seen], np.asarray(validation.targets)[seen], weights[seen])
    blend.share(*factors)
    log.info("answer: %.3g of the network and %.3g of the %s", *factors, branch.noun)
