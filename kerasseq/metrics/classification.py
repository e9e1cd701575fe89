"""Scores of a classifier: accuracy, precision, recall, F1, ROC AUC and log loss."""

# N rows, K classes, B resamples of one chunk

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.metrics.bootstrap import Measure, bootstrap_scores
from kerasseq.metrics.roc import roc_area
from kerasseq.metrics.scores import Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["classification_measure", "classification_scores", "confusion"]


def classification_scores(
    truth: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
    positive: str = "",
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Score]:
    """Score predicted probabilities against true classes, each score with a bootstrap interval.

    The values are scikit-learn's with `zero_division=0`: the precision of a class that is never predicted is 0, and a
    macro mean is over the classes that occur in the truth or in the predictions. A class that occurs in neither has no
    score of its own. The ROC AUC of more than two classes is the mean of one class against the rest over the classes
    that occur in the truth.

    Args:
        truth: True classes, `(N,)` integers in [0, K).
        probabilities: `(N, K)`; rows are scaled to sum to 1 and the largest one is the prediction.
        labels: The K class names.
        positive: The class that `f1`, `precision`, `recall` and `roc_auc` of two classes speak of; empty for the last.
        resamples: Draws of the bootstrap, at least 1.
        confidence: Share of the draws inside the interval, in (0, 1).
        seed: The same seed gives the same intervals.

    Returns:
        `accuracy`, `f1_macro`, `f1_micro`, `precision_macro`, `recall_macro`, for two classes `f1`, `precision` and
        `recall`, then `roc_auc`, `log_loss`, and for every class `f1[label]`, `precision[label]`, `recall[label]`.

    Raises:
        ValueError: Shapes disagree, there are no rows, a probability is negative or not finite, or `positive` is no
            label.

    >>> import numpy as np
    >>> scores = classification_scores(np.array([0, 1, 1]), np.array([[.9, .1], [.2, .8], [.6, .4]]), ["no", "yes"])
    >>> [(s.name, round(s.value, 3)) for s in scores[:3]]
    [('accuracy', 0.667), ('f1_macro', 0.667), ('f1_micro', 0.667)]
    """
    import numpy as np

    truth = np.asarray(truth)
    probabilities = np.asarray(probabilities)
    measure = classification_measure(truth, probabilities, labels, positive)
    notes = _notes(truth, probabilities.argmax(axis=1), labels, _chosen(labels, positive))
    return bootstrap_scores(measure, len(truth), notes, resamples=resamples, confidence=confidence, seed=seed)


def classification_measure(
    truth: NDArray[np.int64], probabilities: NDArray[np.float64], labels: Sequence[str], positive: str = ""
) -> Measure:
    """The scores of `classification_scores` as a function of the rows that are drawn.

    Args:
        truth: True classes, `(N,)`.
        probabilities: `(N, K)`.
        labels: The K class names.
        positive: Of two classes, the one that some scores speak of; empty for the last.

    Raises:
        ValueError: As `classification_scores`.
    """
    import numpy as np

    truth = np.asarray(truth)
    probabilities = np.asarray(probabilities)
    _check(truth, probabilities, labels, positive)
    chosen = _chosen(labels, positive)
    counted = _counting(truth, probabilities.argmax(axis=1), labels, chosen)
    area = roc_area(truth, probabilities, chosen)
    losses = _losses(truth, probabilities)

    def measure(index: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        whole, by_class = counted(index)
        return {**whole, "roc_auc": area(index), "log_loss": losses[index].mean(axis=1), **by_class}

    return measure


def _chosen(labels: Sequence[str], positive: str) -> int:
    return labels.index(positive) if positive else len(labels) - 1


def confusion(truth: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Count the pairs of true and predicted class.

    Returns:
        `(classes, classes)`: row is the truth, column is the prediction.

    >>> import numpy as np
    >>> confusion(np.array([0, 1, 1]), np.array([0, 1, 0]), 2).tolist()
    [[1, 0], [1, 1]]
    """
    import numpy as np

    pairs = np.asarray(truth) * classes + np.asarray(predicted)
    counts: NDArray[np.int64] = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    return counts


def _check(truth: NDArray[Any], probabilities: NDArray[Any], labels: Sequence[str], positive: str) -> None:
    import numpy as np

    if probabilities.ndim != 2 or probabilities.shape != (len(truth), len(labels)):
        raise ValueError(f"probabilities must have shape (N, K)={len(truth), len(labels)}, got {probabilities.shape}")
    if not len(truth):
        raise ValueError("truth must have at least 1 row, got 0")
    if not np.issubdtype(truth.dtype, np.integer) or truth.min() < 0 or truth.max() >= len(labels):
        raise ValueError(f"truth must hold integers in [0, K)=[0, {len(labels)}), got {np.unique(truth)[:20]}")
    if not np.isfinite(probabilities).all() or probabilities.min() < 0 or not probabilities.sum(axis=1).all():
        raise ValueError("probabilities must be finite and not negative, with a positive sum in every row")
    if positive and positive not in labels:
        raise ValueError(f"positive must be one of {', '.join(labels)}, got {positive!r}")


def _counting(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: Sequence[str], chosen: int
) -> Callable[[NDArray[np.int64]], tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]]:
    """What follows from three counts of each class: rows that are it, rows called it, and both."""
    import numpy as np

    classes = len(labels)
    hit = np.where(truth == predicted, truth, classes)  # a miss falls into a bin of its own

    def counts(values: NDArray[np.int64], index: NDArray[np.int64]) -> NDArray[np.float64]:
        draws = len(index)
        keys = values[index] + (classes + 1) * np.arange(draws)[:, None]  # (B, N)
        table = np.bincount(keys.ravel(), minlength=draws * (classes + 1)).reshape(draws, classes + 1)
        return table[:, :classes].astype(np.float64)  # (B, K)

    def measure(
        index: NDArray[np.int64],
    ) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
        true, called, both = (counts(values, index) for values in (truth, predicted, hit))
        present = (true + called) > 0
        number = present.sum(axis=1)
        parts = {
            "f1": 2 * both / np.maximum(true + called, 1),
            "precision": both / np.maximum(called, 1),
            "recall": both / np.maximum(true, 1),
        }  # (B, K) each; 0 where nothing was counted
        accuracy = both.sum(axis=1) / index.shape[1]
        whole = {"accuracy": accuracy, "f1_macro": parts["f1"].sum(axis=1) / number, "f1_micro": accuracy}
        whole |= {f"{name}_macro": parts[name].sum(axis=1) / number for name in ("precision", "recall")}
        parts = {name: np.where(present, values, np.nan) for name, values in parts.items()}
        if classes == 2:
            whole |= {name: values[:, chosen] for name, values in parts.items()}
        return whole, {f"{name}[{labels[k]}]": parts[name][:, k] for k in range(classes) for name in parts}

    return measure


def _losses(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Negative log-likelihood of each row, `(N,)`; a probability of 0 counts as the smallest step of its precision."""
    import numpy as np

    floating = np.issubdtype(probabilities.dtype, np.floating)
    smallest = np.finfo(probabilities.dtype if floating else np.float64).eps
    scaled = probabilities.astype(np.float64)
    scaled /= scaled.sum(axis=1, keepdims=True)
    losses: NDArray[np.float64] = -np.log(np.clip(scaled[np.arange(len(truth)), truth], smallest, 1 - smallest))
    return losses


def _notes(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], labels: Sequence[str], chosen: int
) -> dict[str, str]:
    import numpy as np

    true = np.bincount(truth, minlength=len(labels))
    called = np.bincount(predicted, minlength=len(labels))
    notes: dict[str, str] = {}
    for k, label in enumerate(labels):
        own = {
            "f1": "" if true[k] + called[k] else "neither in the test rows nor predicted",
            "precision": "" if called[k] else "never predicted",
            "recall": "" if true[k] else "not in the test rows",
        }
        notes |= {f"{name}[{label}]": note for name, note in own.items() if note}
        if len(labels) == 2 and k == chosen:
            notes |= {name: note for name, note in own.items() if note}
    absent = [label for label, count in zip(labels, true, strict=True) if not count]
    if np.count_nonzero(true) < 2:
        notes["roc_auc"] = "only one class in the test rows"
    elif absent:
        notes["roc_auc"] = f"left out, because not in the test rows: {', '.join(absent)}"
    return notes
