"""What the report accepts, and what it concludes from it."""

import pytest

from kerasseq.metrics import Score
from kerasseq.report import AttentionSample


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


def test_an_error_that_only_its_task_knows_as_one_is_best_where_it_is_smallest(regression, changed):
    baselines = {who: [Score("pinball", value, None, None, error=True)] for who, value in (("a", 2.0), ("b", 1.0))}
    assert changed(regression, baselines=baselines).best_baseline("pinball")[0] == "b"


def test_a_report_has_a_test_row(classification, changed):
    with pytest.raises(ValueError, match="at least 1 test row, got 0"):
        changed(classification, rows=0)


def test_every_token_needs_a_weight():
    with pytest.raises(ValueError, match=r"as many as tokens \(2\), got 1"):
        AttentionSample(("a", "b"), (1.0,), "x", "y")
