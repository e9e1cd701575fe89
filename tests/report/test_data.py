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


def test_a_report_has_a_test_row(classification, changed):
    with pytest.raises(ValueError, match="at least 1 test row, got 0"):
        changed(classification, rows=0)


def test_every_token_needs_a_weight():
    with pytest.raises(ValueError, match=r"as many as tokens \(2\), got 1"):
        AttentionSample(("a", "b"), (1.0,), "x", "y")
