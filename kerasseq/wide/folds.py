"""Which rows a model is fitted on and judged on, again and again."""

# N rows

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.wide.branch import Sought

__all__ = ["folds_of"]

FOLDS = 5

FEW = 10
"""Rows below which nothing is judged."""

MANY = 20_000
"""Rows above which one fold is judged."""


def folds_of(sought: Sought) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows to fit on and rows to judge on; none of very few rows.

    Every row is judged once, in one of 5 folds: classes have their shares in each, and groups stay whole. Of more than
    `MANY` rows the last `judged` ones are, or a fifth, by what was fitted on the others, or on `MANY` of them.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

    truth, groups, classes, seed = sought.truth, sought.groups, sought.classes, sought.seed
    rows = len(truth)
    if rows < FEW:
        return []
    if groups is not None:
        count = min(FOLDS, len(set(groups.tolist())))
        if count < 2:
            return []
        return list(GroupKFold(count, shuffle=True, random_state=seed).split(truth, truth, groups))
    if rows > MANY:
        random = np.random.default_rng(seed)
        order = np.arange(rows) if sought.judged else random.permutation(rows)
        known = rows - (sought.judged or rows // FOLDS)
        return [(np.sort(random.permutation(order[:known])[:MANY]), np.sort(order[known:]))]
    if classes and np.bincount(truth).max() >= FOLDS:
        return list(_quiet(StratifiedKFold(FOLDS, shuffle=True, random_state=seed), truth))
    return list(KFold(FOLDS, shuffle=True, random_state=seed).split(truth))


def _quiet(folds: Any, truth: NDArray[Any]) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class of fewer rows than folds misses some of them
        return list(folds.split(truth, truth))
