"""Scores with intervals, and the trivial baselines that stand beside them."""

from kerasseq.metrics.baselines import classification_baselines, regression_baselines
from kerasseq.metrics.classification import classification_scores, confusion
from kerasseq.metrics.regression import regression_scores
from kerasseq.metrics.scores import LOWER_IS_BETTER, Score, scores_as_json

__all__ = [
    "LOWER_IS_BETTER",
    "Score",
    "classification_baselines",
    "classification_scores",
    "confusion",
    "regression_baselines",
    "regression_scores",
    "scores_as_json",
]
