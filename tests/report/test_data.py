"""What the report accepts, and what it concludes from it."""

import numpy as np
import pytest

from kerasseq.metrics import Score
from kerasseq.report import AttentionSample


def test_the_loss_of_a_row_is_its_log_loss_or_its_distance(classification, regression):
    own = classification.probabilities[np.arange(60), classification.truth]
    assert classification.losses == pytest.approx(-np.log(own))
    assert regression.losses == pytest.approx(np.abs(regression.prediction - regression.truth))


def test_a_probability_of_zero_has_a_finite_loss(classification, changed):
    certain = np.eye(3, dtype=np.float32)[(classification.truth + 1) % 3]
    assert np.isfinite(changed(classification, probabilities=certain).losses).all()


def test_the_main_score_is_the_named_one_or_the_first_that_is_defined(classification, changed):
    assert classification.main_score.name == "f1_macro"
    assert changed(classification, main="roc_auc").main_score.name == "roc_auc"
    scores = [Score("f1_macro", None, None, None, "no"), Score("accuracy", 0.5, 0.4, 0.6)]
    assert changed(classification, scores=scores).main_score.name == "accuracy"
    with pytest.raises(ValueError, match="at least one score"):
        _ = changed(classification, scores=[]).main_score


def test_the_best_baseline_is_the_largest_score_or_the_smallest_error(regression, changed):
    weak, strong = Score("mae", 2.0, 1.9, 2.1), Score("mae", 1.0, 0.9, 1.1)
    better = changed(regression, baselines={"weak": [weak], "strong": [strong, Score("r2", 0.1, 0, 1)]})
    assert better.best_baseline("mae") == ("strong", strong)
    assert better.best_baseline("pearson") is None
    swapped = {"a": [Score("r2", 0.1, 0.0, 0.2)], "b": [Score("r2", 0.4, 0.3, 0.5)]}
    assert changed(regression, baselines=swapped).best_baseline("r2")[0] == "b"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"truth": np.zeros(3, int)}, r"truth must have as many rows as texts \(60\), got 3"),
        ({"where": ["a:1"]}, "where must have"),
        ({"probabilities": None}, r"shape \(N, K\)=\(60, 3\), got None"),
        ({"labels": ("a",)}, r"\(60, 1\), got \(60, 3\)"),
        ({"texts": []}, "at least 1 test row"),
    ],
)
def test_rows_that_do_not_match_are_refused(classification, changed, change, message):
    with pytest.raises(ValueError, match=message):
        changed(classification, **change)


def test_every_token_needs_a_weight():
    with pytest.raises(ValueError, match=r"as many as tokens \(2\), got 1"):
        AttentionSample(("a", "b"), (1.0,), "x", "y")
