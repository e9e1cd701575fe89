"""Classes of texts."""

# N rows, K classes

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from kerasseq.sklearn.errors import InvalidInput
from kerasseq.sklearn.estimator import TextEstimator
from kerasseq.sklearn.rows import Rows, read_targets, read_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KerasSeqClassifier"]


class KerasSeqClassifier(ClassifierMixin, TextEstimator):
    """Sentiment, topic, question type: one of two or many classes for a text, or for a pair of texts.

    Attributes:
        classes_: `(K,)`, sorted.
        history_: One dict per epoch: losses, scores of the validation rows, learning rate.
        run_: The run directory; None where it was temporary.
        trained_: The model, as `kerasseq.load` gives it: `attention`, `explain`, the Keras model in `model`.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train.

        Args:
            X: `N` texts: a list, an array or a column of a data frame; or pairs, a list of them or a table of two
                columns.
            y: `(N,)` classes.
            sample_weight: `(N,)` of at least 0.

        Raises:
            InvalidInput: A ValueError with everything that is wrong with rows or parameters.
        """
        texts = read_texts(X, learned=True)
        targets, weights = read_targets(texts, y, sample_weight, type(self).__name__)
        check_classification_targets(targets)
        classes, numbers = np.unique(targets, return_inverse=True)
        labels = _names(classes)
        rows = Rows.counted(texts, np.array(labels, dtype=object)[numbers], labels, weights)
        present = sorted(set(rows.targets.tolist()))
        if len(present) < 2:
            raise InvalidInput(f"y: must have at least 2 classes, got 1 class, {classes[labels.index(present[0])]}")
        self._fit(rows, "classification")
        self.classes_ = classes
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities, `(N, K)`, in the order of `classes_`.

        Raises:
            NotFittedError: Before `fit`.
            InvalidInput: A row is no text.
        """
        probabilities: NDArray[np.float64] = self._predictions(X).arrays()["probabilities"]
        return probabilities

    def predict(self, X: Any) -> NDArray[Any]:
        """The likeliest class of each row, `(N,)`; raises as `predict_proba`."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        answers: NDArray[Any] = self.classes_[likeliest]
        return answers


def _names(classes: NDArray[Any]) -> tuple[str, ...]:
    """Names of classes for a run: their own where a column of a table can hold them, else their numbers."""
    names = tuple(map(str, classes.tolist()))
    sound = all(name and name == name.strip() and name.isprintable() for name in names)
    return names if sound and len(set(names)) == len(names) else tuple(map(str, range(len(names))))
