"""What a model of sequences of vectors has to beat: an answer that ignores them, and a linear one on their summary."""

# N test rows, M training rows, D dimensions, K classes

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["summary", "vector_classification_baselines", "vector_regression_baselines"]

_ALPHAS = (0.01, 0.1, 1.0, 10.0, 100.0)
_FOLDS = 5


def vector_classification_baselines(
    train: NDArray[np.float64], train_truth: NDArray[np.int64], test: NDArray[np.float64], classes: int
) -> dict[str, NDArray[np.float64]]:
    """Probabilities of two classifiers without a neural network.

    `majority` gives every row the shares of the classes in training. `linear` is a logistic regression (C = 1) on the
    standardised summaries; with fewer than two classes in training it equals `majority`.

    Args:
        train: Summaries of the training rows, `(M, 4 D)`, of `summary`.
        train_truth: Their classes, `(M,)` integers in [0, K), M at least 1.
        test: Summaries of the test rows, `(N, 4 D)`.
        classes: Number of classes K.

    Returns:
        `(N, K)` by name.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    _check(train, train_truth)
    shares = np.bincount(train_truth, minlength=classes) / len(train_truth)
    majority = np.tile(shares, (len(test), 1))
    present = np.flatnonzero(shares)
    linear = majority.copy()
    if len(present) > 1 and len(test):
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000)).fit(train, train_truth)
        linear = np.zeros_like(majority)
        linear[:, present] = model.predict_proba(test)  # a class unseen in training keeps probability 0
    return {"majority": majority, "linear": linear}


def vector_regression_baselines(
    train: NDArray[np.float64], train_truth: NDArray[np.float64], test: NDArray[np.float64], seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """Predictions of two regressions without a neural network.

    `mean` is the mean of the training targets. `linear` is a ridge regression on the standardised summaries, its
    penalty chosen by 5-fold cross-validation inside the training rows; with fewer than 10 of them it is 1.

    Args:
        train: Summaries of the training rows, `(M, 4 D)`, of `summary`.
        train_truth: Their targets, `(M,)`, M at least 1.
        test: Summaries of the test rows, `(N, 4 D)`.
        seed: Seed of the folds.

    Returns:
        `(N,)` by name.
    """
    import numpy as np
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV, KFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    _check(train, train_truth)
    mean = np.full(len(test), train_truth.mean())
    if not len(test):
        return {"mean": mean, "linear": mean.copy()}
    model: Any = make_pipeline(StandardScaler(), Ridge(alpha=1.0))
    if len(train) >= 2 * _FOLDS:
        folds = KFold(_FOLDS, shuffle=True, random_state=seed)
        model = GridSearchCV(model, {"ridge__alpha": _ALPHAS}, cv=folds, scoring="neg_mean_squared_error")
    return {"mean": mean, "linear": model.fit(train, train_truth).predict(test)}


def summary(flat: NDArray[Any], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each sequence its mean, its deviation, its first and its last vector, `(N, 4 D)`: what knows no order inside.

    Args:
        flat: All vectors, `(S, D)`.
        offsets: `(N + 1,)`; sequence `i` is `flat[offsets[i]:offsets[i + 1]]` and has a vector at least.

    >>> import numpy as np
    >>> summary(np.array([[1.0], [3.0], [8.0]]), np.array([0, 2, 3])).tolist()
    [[2.0, 1.0, 1.0, 3.0], [8.0, 0.0, 8.0, 8.0]]
    """
    import numpy as np

    starts, ends = offsets[:-1], offsets[1:]
    if not len(starts):
        return np.zeros((0, 4 * flat.shape[1]))
    lengths = (ends - starts)[:, None]
    values = flat.astype(np.float64)
    mean = np.add.reduceat(values, starts) / lengths
    apart = values - np.repeat(mean, lengths[:, 0], axis=0)
    deviation = np.sqrt(np.add.reduceat(apart**2, starts) / lengths)
    return np.hstack([mean, deviation, values[starts], values[ends - 1]])


def _check(train: NDArray[Any], truth: NDArray[Any]) -> None:
    if len(train) != len(truth) or not len(truth):
        raise ValueError(f"train and train_truth must be of one length from 1, got {len(train)} and {len(truth)}")
