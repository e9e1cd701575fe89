"""Linear models of TF-IDF features, chosen by cross-validation on the training rows."""

# N rows, V features, K classes, F folds

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Fitted", "Linear", "Lines", "chosen_classes", "chosen_numbers", "losses"]

STRENGTHS = (1.0, 3.0, 10.0, 30.0)
"""Inverse penalties C of the logistic regressions."""

FIRST = 3.0
"""The one at which features and weights are chosen."""

PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Of the ridge regressions."""

_ROWS = 1000  # that are in float64 at once


@dataclass(frozen=True)
class Linear:
    """What is fitted, and how.

    Attributes:
        blocks: Which blocks of features, by their places.
        strength: C of a logistic regression, or the penalty of a ridge regression.
        ratios: Whether features are multiplied by the naive-Bayes log-count ratio of their class (Wang and Manning,
            2012, "Baselines and bigrams").
        balanced: Whether every class weighs the same in sum.
    """

    blocks: tuple[int, ...]
    strength: float = FIRST
    ratios: bool = False
    balanced: bool = False


@dataclass(frozen=True)
class Lines:
    """`x W + b`.

    Attributes:
        weights: `(V, K)`, or `(V, 1)` of two classes or a number.
        bias: `(K,)`, or `(1,)`.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def __call__(self, features: Any) -> NDArray[np.float64]:
        """`(N, K)`, summed in float64: float32 loses a digit over the thousands of n-grams of a long text."""
        starts = range(0, max(features.shape[0], 1), _ROWS)
        parts = [features[start : start + _ROWS].astype(np.float64) @ self.weights for start in starts]
        values: NDArray[np.float64] = np.concatenate(parts) + self.bias
        return values


@dataclass(frozen=True)
class Fitted:
    """The chosen model on all rows, and what it says of each row where it had not seen it.

    Attributes:
        linear: What was chosen.
        lines: Fitted on all rows.
        held_out: `(N, K)`, of the lines without the fold of the row.
    """

    linear: Linear
    lines: Lines
    held_out: NDArray[np.float64]


Folds = Sequence[tuple["NDArray[np.int64]", "NDArray[np.int64]"]]


def losses(logits: NDArray[np.float64], truth: NDArray[Any]) -> NDArray[np.float64]:
    """Minus the logarithm of the probability of each true class, `(N,)`, of logits `(N, K)`.

    The truth is `(N,)` classes, or `(N, K)` distributions over them: the mean over each of these, then.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    true = (truth * shifted).sum(axis=1) if truth.ndim == 2 else shifted[np.arange(len(truth)), truth]
    found: NDArray[np.float64] = np.log(np.exp(shifted).sum(axis=1)) - true
    return found


def chosen_classes(
    blocks: Sequence[Any],
    truth: NDArray[Any],
    classes: int,
    weights: NDArray[np.float32],
    folds: Folds,
    judge: Callable[[NDArray[np.float64]], float],
    ratios: bool = True,
) -> Fitted:
    """The best logistic regression, one class against the rest.

    From all features, without ratios and balance: each of these is turned in its turn and kept where it is better, and
    the penalty last.

    Args:
        blocks: Sparse `(N, V)` each; the first is always used.
        truth: `(N,)` integers in [0, K), at least two of them present, or `(N, K)` distributions: a row is each class
            as often as its share says.
        classes: K.
        weights: `(N,)`.
        folds: Rows to fit on and rows to judge on.
        judge: The score of `(N, K)` decision values, which are NaN where a row stands in no fold to be judged.
        ratios: Whether they are tried.
    """
    whole = tuple(range(len(blocks)))
    turns: list[dict[str, Any]] = [{"blocks": whole[:n]} for n in range(1, len(blocks))]
    if ratios:
        turns.insert(0, {"ratios": True})
    if classes > 2:
        turns.insert(0, {"balanced": True})

    def fit(linear: Linear, x: Any, rows: NDArray[np.int64]) -> Lines:
        return _classes(linear, x[rows], truth[rows], classes, weights[rows])

    return _chosen(blocks, Linear(whole), turns, STRENGTHS, folds, fit, judge)


def chosen_numbers(
    blocks: Sequence[Any],
    truth: NDArray[np.float64],
    weights: NDArray[np.float32],
    folds: Folds,
    judge: Callable[[NDArray[np.float64]], float],
) -> Fitted:
    """The best ridge regression; arguments as of `chosen_classes`, `judge` is given `(N, 1)`."""
    whole = tuple(range(len(blocks)))

    def fit(linear: Linear, x: Any, rows: NDArray[np.int64]) -> Lines:
        from sklearn.linear_model import Ridge

        model = Ridge(alpha=linear.strength, solver="sparse_cg").fit(x[rows], truth[rows], weights[rows])
        return Lines(model.coef_[:, None].astype(np.float32), np.array([model.intercept_], dtype=np.float32))

    turns = [{"blocks": whole[:n]} for n in range(1, len(blocks))]
    return _chosen(blocks, Linear(whole, 0.3), turns, PENALTIES, folds, fit, judge)


def _chosen(
    blocks: Sequence[Any],
    start: Linear,
    turns: Sequence[Mapping[str, Any]],
    strengths: Sequence[float],
    folds: Folds,
    fit: Callable[[Linear, Any, NDArray[np.int64]], Lines],
    judge: Callable[[NDArray[np.float64]], float],
) -> Fitted:
    from scipy.sparse import hstack

    used = {start.blocks, *(turn["blocks"] for turn in turns if "blocks" in turn)}
    features = {part: hstack([blocks[n] for n in part]).tocsr() for part in used}
    rows = np.arange(blocks[0].shape[0])
    if not folds:  # too few rows to judge by
        lines = fit(start, features[start.blocks], rows)
        return Fitted(start, lines, lines(features[start.blocks]))

    def tried(linear: Linear) -> tuple[float, NDArray[np.float64]]:
        x = features[linear.blocks]
        answers = [(asked, fit(linear, x, known)(x[asked])) for known, asked in folds]
        values = np.full((len(rows), answers[0][1].shape[1]), np.nan)
        for asked, found in answers:
            values[asked] = found
        return judge(values), values

    best, (score, held_out) = start, tried(start)
    for turn in [*turns, *({"strength": strength} for strength in strengths)]:
        other = replace(best, **turn)
        found = tried(other) if other != best else (score, held_out)
        if found[0] > score:
            best, (score, held_out) = other, found
    return Fitted(best, fit(best, features[best.blocks], rows), held_out)


def _classes(linear: Linear, x: Any, truth: NDArray[Any], classes: int, weights: NDArray[np.float32]) -> Lines:
    from scipy.sparse import diags
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    size = 1 if classes == 2 else classes
    lines = np.zeros((x.shape[1], size), dtype=np.float32)
    bias = np.zeros(size, dtype=np.float32)
    for place in range(size):
        one = 1 if size == 1 else place
        is_it = truth[:, one] if truth.ndim == 2 else truth == one
        if is_it.min() == is_it.max() and is_it[0] in (0, 1):  # these rows know one answer
            bias[place] = np.float32(10.0 if is_it[0] else -10.0)
            continue
        ratios = _ratios(x, is_it) if linear.ratios else np.ones(x.shape[1], dtype=np.float32)
        scaled = x @ diags(ratios) if linear.ratios else x
        features, said, counted, balance = _each_way(scaled, is_it, weights)
        model = LogisticRegression(
            C=linear.strength,
            solver="liblinear",
            dual=True,
            tol=0.01,
            max_iter=1000,
            class_weight=balance if linear.balanced else None,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it is judged by what it says of other rows
            model.fit(features, said, counted)
        lines[:, place] = model.coef_[0] * ratios
        bias[place] = model.intercept_[0]
    return Lines(lines, bias)


def _each_way(x: Any, is_it: NDArray[Any], weights: NDArray[np.float32]) -> tuple[Any, Any, Any, Any]:
    """Rows with the answer that each is fitted to, what it counts, and what makes both answers count the same.

    A row that is of a class in part is fitted to both answers, each as much as it is so: that is cross-entropy.
    """
    if is_it.dtype == bool:
        return x, is_it.astype(int), weights, "balanced"
    yes, no = np.flatnonzero(is_it > 0), np.flatnonzero(is_it < 1)
    counted = np.concatenate([weights[yes] * is_it[yes], weights[no] * (1 - is_it[no])])
    total = float(is_it.sum(dtype=np.float64))
    balance = {1: len(is_it) / (2 * total), 0: len(is_it) / (2 * (len(is_it) - total))}
    return x[np.concatenate([yes, no])], np.repeat([1, 0], [len(yes), len(no)]), counted, balance


def _ratios(x: Any, is_it: NDArray[Any]) -> NDArray[np.float32]:
    """`ln((1 + rows of the class with a feature) / ...)` against the same of the others, each as a share."""
    present = x > 0
    if is_it.dtype == bool:
        one, other = (np.asarray(present[rows].sum(axis=0), dtype=np.float64).ravel() + 1 for rows in (is_it, ~is_it))
    else:
        one, other = (present.T @ share.astype(np.float64) + 1 for share in (is_it, 1 - is_it))
    ratios: NDArray[np.float32] = np.log((one / one.sum()) / (other / other.sum())).astype(np.float32)
    return ratios
