"""Scores of texts."""

# N rows

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from kerasseq.sklearn.errors import InvalidInput
from kerasseq.sklearn.estimator import TextEstimator
from kerasseq.sklearn.rows import Rows, read_targets, read_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KerasSeqRegressor"]


class KerasSeqRegressor(RegressorMixin, TextEstimator):
    """Relevance from 0 to 10, a rating: one number for a text, or for a pair of texts.

    Attributes:
        history_: One dict per epoch: losses, scores of the validation rows, learning rate.
        run_: The run directory; None where it was temporary.
        trained_: The model, as `kerasseq.load` gives it: `attention`, `explain`, the Keras model in `model`.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train.

        Args:
            X: `N` texts: a list, an array or a column of a data frame; or pairs, a list of them or a table of two
                columns.
            y: `(N,)` numbers.
            sample_weight: `(N,)` of at least 0.

        Raises:
            InvalidInput: A ValueError with everything that is wrong with rows or parameters.
        """
        texts = read_texts(X, learned=True)
        targets, weights = read_targets(texts, y, sample_weight, type(self).__name__)
        try:
            numbers = targets.astype(np.float64)
        except (TypeError, ValueError) as cause:
            raise InvalidInput(f"y: must be numbers, got {cause}") from cause
        self._fit(Rows.counted(texts, numbers, (), weights), "regression")
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """A number for each row, `(N,)`, in the unit of `y`.

        Raises:
            NotFittedError: Before `fit`.
            InvalidInput: A row is no text.
        """
        scores: NDArray[np.float64] = self._predictions(X).arrays()["score"]
        return scores
