"""The parts of the network and of the linear branch beside it in the answer."""

# N rows, K numbers of an answer

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kerasseq.layers.blend import Blend

if TYPE_CHECKING:
    from kerasseq.corpus.examples import Examples
    from kerasseq.tasks.task import Task
    from kerasseq.wide.branch import Branch

__all__ = ["blend_of", "factors"]

log = logging.getLogger("kerasseq")


def blend_of(model: Any) -> Blend | None:
    """The layer where both meet; None of a model without a branch."""
    return next((layer for layer in model.layers if isinstance(layer, Blend)), None)


def factors(
    task: Task, branch: Branch, outputs: Mapping[str, Any], rows: Examples, asked: float | Literal["auto"]
) -> tuple[float, float]:
    """What the answers of a network, and of the branch beside it, are multiplied by.

    Args:
        task: Of both.
        branch: Fitted.
        outputs: Of the network alone, `(N, ...)` each, for rows that it was not trained on.
        rows: These rows; the branch was judged on them as the last that it learned from.
        asked: The network's part, or `auto`: what suits the rows, and a half where there are none.
    """
    if asked != "auto":
        found = (float(asked), 1 - float(asked))
    elif not len(rows) or branch.held_out is None:
        found = (0.5, 0.5)
    else:
        held_out = branch.held_out[-len(rows) :]
        seen = ~np.isnan(held_out[:, 0])
        weights = np.ones(len(rows)) if rows.weights is None else rows.weights.astype(float)
        known = {name: np.asarray(values)[seen] for name, values in outputs.items() if not isinstance(values, list)}
        found = task.blend(known, held_out[seen], np.asarray(rows.targets)[seen], weights[seen])
    log.info("answer: %.3g of the network and %.3g of the %s", *found, branch.noun)
    return found
