"""One score of a test: its name, its value and the interval around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerasseq.console import figure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Score", "baseline_title", "is_error", "is_of_class", "scores_as_json", "title_of"]

_TITLES = {
    "accuracy": "Accuracy",
    "f1": "F1, positive class",
    "precision": "Precision, positive class",
    "recall": "Recall, positive class",
    "f1_macro": "F1, macro",
    "f1_micro": "F1, micro",
    "precision_macro": "Precision, macro",
    "recall_macro": "Recall, macro",
    "roc_auc": "ROC AUC",
    "log_loss": "Log loss",
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "mase": "Mean absolute scaled error",
    "r2": "R²",
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "perplexity": "Perplexity",
    "nats_per_token": "Nats a token",
    "bits_per_character": "Bits a character",
    "bleu": "BLEU",
    "chrf": "chrF",
    "ter": "TER",
    "cer": "Character error rate",
    "exact_match": "Exact match",
}

_BASELINES = {
    "majority": "Majority class",
    "mean": "Training mean",
    "tfidf_linear": "TF-IDF, linear",
    "ngrams": "N-grams, linear",
    "overlap": "Overlap, linear",
    "network_alone": "Network alone",
    "most_frequent": "Most frequent tag",
    "crf": "Linear CRF",
    "linear": "Means and ends, linear",
    "unigram": "Unigram",
    "kneser_ney": "Kneser-Ney n-gram",
    "kneser_ney_by_class": "Kneser-Ney n-gram of each class",
    "last_value": "Last value",
    "seasonal_naive": "Seasonal naive",
    "ridge": "Ridge on lags",
    "copy_source": "The source itself",
    "nearest_source": "Nearest training pair",
    "most_frequent_form": "Most frequent form of each word",
}

_ERRORS = frozenset(
    {"log_loss", "mae", "rmse", "mase", "perplexity", "nats_per_token", "bits_per_character", "ter", "cer"}
)


def is_error(name: str) -> bool:
    """Whether less is better, of a score that is known by its name."""
    return name in _ERRORS


def is_of_class(name: str) -> bool:
    """Whether a score is of one class alone, as `"f1[spam]"` is."""
    return name.endswith("]")


def title_of(name: str) -> str:
    """The words for a score: `"roc_auc"` -> `"ROC AUC"`; an unknown one keeps its name."""
    return _TITLES.get(name, name)


def baseline_title(name: str) -> str:
    """The words for a baseline: `"tfidf_linear"` -> `"TF-IDF, linear"`; an unknown one keeps its name."""
    return _BASELINES.get(name, name)


@dataclass(frozen=True)
class Score:
    """One score with its bootstrap interval.

    A score that cannot be computed (a correlation with a constant, the ROC AUC of one class) has no number: value, low
    and high are None, which JSON writes as null, and `note` says why. NaN never leaves this package.

    Attributes:
        name: `"f1_macro"`; of one class `"f1[spam]"`.
        value: The score on all test rows.
        low: Lower end of the interval.
        high: Upper end of the interval.
        note: Why there is no value, or what a reader has to know about it; mostly empty.
        called: Its title, where the field's own words for `name` are not meant.
        error: Whether less is better, where `name` does not tell.
        draws: The score of each resample behind the interval, `(R,)`, NaN where undefined; None where not kept.

    >>> print(Score("accuracy", 0.91, 0.885, 0.933))
    0.910 [0.885, 0.933]
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    note: str = ""
    called: str = ""
    error: bool = False
    draws: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)

    @property
    def title(self) -> str:
        """In words: `"ROC AUC"`."""
        return self.called or title_of(self.name)

    @property
    def lower_is_better(self) -> bool:
        """Whether it is an error; every other score grows with quality."""
        return self.error or is_error(self.name)

    @property
    def of_class(self) -> bool:
        """Whether it is of one class alone, not of all rows."""
        return is_of_class(self.name)

    def __str__(self) -> str:
        if self.value is None:
            return f"undefined ({self.note})"
        if self.low is None or self.high is None:
            return self._written(self.value)
        return f"{self._written(self.value)} [{self._written(self.low)}, {self._written(self.high)}]"

    def _written(self, value: float) -> str:
        """Three decimals; of an error in a small unit the digits that matter."""
        return figure(value) if self.lower_is_better else f"{value:.3f}"

    def as_json(self) -> dict[str, float | str | bool | None]:
        """Value, low and high; the note, and whether less is better, where the name does not say it."""
        numbers: dict[str, float | str | bool | None] = {"value": self.value, "low": self.low, "high": self.high}
        said: dict[str, str | bool] = {"note": self.note, "title": self.called, "error": self.error}
        return {**numbers, **{key: value for key, value in said.items() if value}}


def scores_as_json(scores: Iterable[Score]) -> dict[str, dict[str, float | str | bool | None]]:
    """The scores by name, in their order, ready for `metrics.json`.

    >>> scores_as_json([Score("roc_auc", None, None, None, "only one class in the test rows")])
    {'roc_auc': {'value': None, 'low': None, 'high': None, 'note': 'only one class in the test rows'}}
    """
    return {score.name: score.as_json() for score in scores}
