"""Scores with intervals, and the trivial baselines that stand beside them."""

from kerasseq.metrics.against import Against, against
from kerasseq.metrics.baselines import classification_baselines, regression_baselines
from kerasseq.metrics.bootstrap import Measure
from kerasseq.metrics.classification import classification_measure, classification_scores, confusion
from kerasseq.metrics.paired import Difference, Replicas, difference, mean_replicas, replicate
from kerasseq.metrics.regression import regression_measure, regression_scores
from kerasseq.metrics.scores import Score, baseline_title, scores_as_json, title_of

__all__ = [
    "Against",
    "Difference",
    "Measure",
    "Replicas",
    "Score",
    "against",
    "baseline_title",
    "classification_baselines",
    "classification_measure",
    "classification_scores",
    "confusion",
    "difference",
    "mean_replicas",
    "regression_baselines",
    "regression_measure",
    "regression_scores",
    "replicate",
    "scores_as_json",
    "title_of",
]
