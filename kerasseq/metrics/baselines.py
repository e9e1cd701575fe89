"""What a score has to beat: the answer that ignores the text, and a linear model on TF-IDF."""

# N test rows, M training rows, K classes

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["classification_baselines", "regression_baselines"]

# Runs of letters, digits and combining marks: Python's \w leaves out the marks, and would cut a vocalised Arabic word.
_WORD = r"[\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]+"
_TERMS = 300_000  # the most frequent ones; keeps 25,000 long reviews within seconds and memory
_ALPHAS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


def classification_baselines(
    train_texts: Sequence[str], train_truth: NDArray[np.int64], test_texts: Sequence[str], classes: int, seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """Probabilities of two classifiers without a neural network.

    `majority` gives every text the shares of the classes in training. `tfidf_linear` is a logistic regression, one
    class against the rest with balanced weights (C = 10), on TF-IDF of words and pairs of words (sublinear, lower
    case). With fewer than two classes or no word in training it has nothing to learn and equals `majority`.

    Args:
        train_texts: The M training texts; the two texts of a pair joined by a space.
        train_truth: Their classes, `(M,)` integers in [0, K), M at least 1.
        test_texts: The N test texts.
        classes: Number of classes K.
        seed: Seed of the solver.

    Returns:
        `(N, K)` by name.

    >>> import numpy as np
    >>> found = classification_baselines(["good", "good film", "bad"], np.array([1, 1, 0]), ["bad film"], 2)
    >>> found["majority"].argmax(axis=1).tolist(), found["tfidf_linear"].argmax(axis=1).tolist()
    ([1], [0])
    """
    import numpy as np

    truth = np.asarray(train_truth)
    _check(train_texts, truth)
    shares = np.bincount(truth, minlength=classes) / len(truth)
    majority = np.tile(shares, (len(test_texts), 1))
    present = np.flatnonzero(shares)
    features = _features(train_texts, test_texts) if len(present) > 1 else None
    if features is None:
        return {"majority": majority, "tfidf_linear": majority.copy()}

    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    single = LogisticRegression(C=10, class_weight="balanced", solver="liblinear", random_state=seed)
    model = (single if len(present) == 2 else OneVsRestClassifier(single)).fit(features[0], truth)
    linear = np.zeros_like(majority)
    linear[:, present] = model.predict_proba(features[1])  # a class unseen in training keeps probability 0
    return {"majority": majority, "tfidf_linear": linear}


def regression_baselines(
    train_texts: Sequence[str],
    train_truth: NDArray[np.float64],
    test_texts: Sequence[str],
    seed: int = 0,
    clip: tuple[float, float] | tuple[()] = (),
) -> dict[str, NDArray[np.float64]]:
    """Predictions of two regressions without a neural network.

    `mean` is the mean of the training targets. `tfidf_linear` is a ridge regression on TF-IDF of words and pairs of
    words (sublinear, lower case), its penalty chosen by 5-fold cross-validation inside the training rows. With fewer
    than 10 training rows the penalty is 1; with no word in them it equals `mean`.

    Args:
        train_texts: The M training texts; the two texts of a pair joined by a space.
        train_truth: Their targets, `(M,)`, M at least 1.
        test_texts: The N test texts.
        seed: Seed of the folds.
        clip: Smallest and largest prediction; empty for no limits.

    Returns:
        `(N,)` by name.

    >>> import numpy as np
    >>> regression_baselines(["a b", "c"], np.array([2.0, 4.0]), ["b"])["mean"].tolist()
    [3.0]
    """
    import numpy as np

    truth = np.asarray(train_truth, dtype=np.float64)
    _check(train_texts, truth)
    mean = np.full(len(test_texts), truth.mean())
    features = _features(train_texts, test_texts)
    linear = mean.copy() if features is None else _ridge(*features, truth, seed)
    found = {"mean": mean, "tfidf_linear": linear}
    return {name: np.clip(values, *clip) for name, values in found.items()} if clip else found


def _check(texts: Sequence[str], truth: NDArray[Any]) -> None:
    if len(texts) != len(truth) or not len(truth):
        raise ValueError(f"train_texts and train_truth must be of one length from 1, got {len(texts)} and {len(truth)}")


def _features(train_texts: Sequence[str], test_texts: Sequence[str]) -> tuple[Any, Any] | None:
    """Sparse TF-IDF of training and test texts, or None where there is no word to learn from or no text to score."""
    import re

    from sklearn.feature_extraction.text import TfidfVectorizer

    word = re.compile(_WORD)
    if not len(test_texts) or not any(word.search(text) for text in train_texts):
        return None
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD, max_features=_TERMS)
    return vectors.fit_transform(train_texts), vectors.transform(test_texts)


def _ridge(train: Any, test: Any, truth: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV, KFold

    if len(truth) < 10:
        model = Ridge(alpha=1.0, solver="sparse_cg")
    else:
        folds = KFold(5, shuffle=True, random_state=seed)
        search = {"alpha": _ALPHAS}
        model = GridSearchCV(Ridge(solver="sparse_cg"), search, cv=folds, scoring="neg_mean_squared_error")
    linear: NDArray[np.float64] = model.fit(train, truth).predict(test)
    return linear
