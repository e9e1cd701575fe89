"""What a score has to beat: the answer that ignores the text, and linear models of n-grams and of what pairs share."""

# N test rows, M training rows, K classes

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.spec import WideSpec
    from kerasseq.wide.branch import Branch, Sought

__all__ = ["Pairs", "classification_baselines", "regression_baselines"]

Pairs = Sequence[tuple[str, str]]


def classification_baselines(
    train_texts: Sequence[str],
    train_truth: NDArray[np.int64],
    test_texts: Sequence[str],
    classes: int,
    seed: int = 0,
    by_class: bool = False,
    branch: Branch | None = None,
    pairs: tuple[Pairs, Pairs] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Probabilities of two classifiers without a neural network, of pairs three.

    `majority` gives every text the shares of the classes in training. `ngrams` is what `[wide]` would be: logistic
    regressions on TF-IDF of words, pairs of words and letters inside words, chosen by cross-validation, as sure as it
    was right there. `overlap` is the same of what two texts have in common. A class that training has not keeps
    probability 0.

    Args:
        train_texts: The M training texts; the two texts of a pair joined by a space.
        train_truth: Their classes, `(M,)` integers in [0, K), M at least 1.
        test_texts: The N test texts.
        classes: Number of classes K.
        seed: Of the folds.
        by_class: Whether every class weighs the same in the score by which it is chosen.
        branch: One that is fitted already; what it is not is fitted beside it.
        pairs: Training and test rows with their two texts apart; None of single texts.

    Returns:
        `(N, K)` by name.

    >>> import numpy as np
    >>> found = classification_baselines(["good", "good film", "bad"], np.array([1, 1, 0]), ["bad film"], 2)
    >>> found["majority"].argmax(axis=1).tolist(), found["ngrams"].argmax(axis=1).tolist()
    ([1], [0])
    """
    import numpy as np

    from kerasseq.wide.branch import Sought

    truth = np.asarray(train_truth)
    _check(train_texts, truth)
    shares = np.bincount(truth, minlength=classes) / len(truth)
    majority = np.tile(shares, (len(test_texts), 1))
    found = {"majority": majority}
    sought = Sought(truth, classes, by_class, seed=seed)
    for name, values in _answers(branch, (train_texts, test_texts), pairs, sought).items():
        logits = values.astype(np.float64)
        logits[:, shares == 0] = -np.inf
        likely = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-1e300))
        found[name] = likely / likely.sum(axis=1, keepdims=True)
    return found


def regression_baselines(
    train_texts: Sequence[str],
    train_truth: NDArray[np.float64],
    test_texts: Sequence[str],
    seed: int = 0,
    clip: tuple[float, float] | tuple[()] = (),
    branch: Branch | None = None,
    pairs: tuple[Pairs, Pairs] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Predictions of two regressions without a neural network, of pairs three.

    `mean` is the mean of the training targets. `ngrams` is what `[wide]` would be: a ridge regression on TF-IDF of
    words, pairs of words and letters inside words, chosen by cross-validation. `overlap` is the same of what two texts
    have in common.

    Args:
        train_texts: The M training texts; the two texts of a pair joined by a space.
        train_truth: Their targets, `(M,)`, M at least 1.
        test_texts: The N test texts.
        seed: Seed of the folds.
        clip: Smallest and largest prediction; empty for no limits.
        branch: One that is fitted already; what it is not is fitted beside it.
        pairs: Training and test rows with their two texts apart; None of single texts.

    Returns:
        `(N,)` by name.

    >>> import numpy as np
    >>> regression_baselines(["a b", "c"], np.array([2.0, 4.0]), ["b"])["mean"].tolist()
    [3.0]
    """
    import numpy as np

    from kerasseq.wide.branch import Sought

    truth = np.asarray(train_truth, dtype=np.float64)
    _check(train_texts, truth)
    mean = np.full(len(test_texts), truth.mean())
    linear = _answers(branch, (train_texts, test_texts), pairs, Sought(truth, limits=tuple(clip), seed=seed))
    found = {"mean": mean, **{name: values[:, 0].astype(np.float64) for name, values in linear.items()}}
    return {name: np.clip(values, *clip) for name, values in found.items()} if clip else found


def _check(texts: Sequence[str], truth: NDArray[Any]) -> None:
    if len(texts) != len(truth) or not len(truth):
        raise ValueError(f"train_texts and train_truth must be of one length from 1, got {len(texts)} and {len(truth)}")


def _answers(
    branch: Branch | None,
    texts: tuple[Sequence[str], Sequence[str]],
    pairs: tuple[Pairs, Pairs] | None,
    sought: Sought,
) -> dict[str, NDArray[Any]]:
    """What each linear model that can read these rows says of the test rows, by its name."""
    from kerasseq.wide.ngrams import Ngrams
    from kerasseq.wide.overlap import Overlap

    found = {"ngrams": _answer(branch, Ngrams(), texts, sought)}
    return found if pairs is None else found | {"overlap": _answer(branch, Overlap(), pairs, sought)}


def _answer(branch: Branch | None, spec: WideSpec, rows: tuple[Sequence[Any], Sequence[Any]], sought: Sought) -> Any:
    known: Branch = spec.build()
    if isinstance(branch, type(known)):
        return branch.values(rows[1])
    known.fit(rows[0], sought)
    return known.values(rows[1])
