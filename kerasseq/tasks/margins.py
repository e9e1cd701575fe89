"""The best tagging of a row, and how far it is ahead of every other one."""

# T time, K tags

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_tags", "chain_margins"]


def chain_margins(scores: Sequence[NDArray[Any]], chain: NDArray[Any] | None) -> NDArray[np.float64]:
    """The score of the best tagging less that of the second best one, `(N,)`; infinite for a row without steps.

    Args:
        scores: Of each row `(T, K)`.
        chain: `(K + 2, K)`: transitions from the row's tag to the column's, then start and end; None where steps do not
            hang together.

    >>> chain_margins([np.array([[3.0, 1.0], [0.0, 0.5]])], None).tolist()
    [0.5]
    """
    return np.array([_margin(np.asarray(row, dtype=np.float64), chain) for row in scores])


def best_tags(scores: Sequence[NDArray[Any]], chain: NDArray[Any] | None) -> list[NDArray[np.int64]]:
    """The tagging of the largest score of each row, `(T,)`; of equal ones any.

    Args:
        scores: Of each row `(T, K)`.
        chain: See `chain_margins`.

    >>> best_tags([np.array([[3.0, 1.0], [0.0, 0.5]])], None)[0].tolist()
    [0, 1]
    """
    rows = [np.asarray(row, dtype=np.float64) for row in scores]
    table = None if chain is None else np.asarray(chain, dtype=np.float64)
    return [(row if table is None or not len(row) else _through(row, table)).argmax(axis=1) for row in rows]


def _margin(scores: NDArray[np.float64], chain: NDArray[Any] | None) -> float:
    if not len(scores) or scores.shape[1] < 2:
        return np.inf
    through = scores if chain is None else _through(scores, np.asarray(chain, dtype=np.float64))
    ranked = np.sort(through, axis=1)
    return float((ranked[:, -1] - ranked[:, -2]).min())


def _through(scores: NDArray[np.float64], chain: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best score of a tagging that has a tag at a step, `(T, K)`."""
    moves, start, end = chain[:-2], chain[-2], chain[-1]
    before, behind = np.empty_like(scores), np.empty_like(scores)
    before[0] = start + scores[0]
    for step in range(1, len(scores)):
        before[step] = (before[step - 1][:, None] + moves).max(axis=0) + scores[step]
    behind[-1] = end
    for step in range(len(scores) - 2, -1, -1):
        behind[step] = (moves + (behind[step + 1] + scores[step + 1])[None, :]).max(axis=1)
    through: NDArray[np.float64] = before + behind
    return through
