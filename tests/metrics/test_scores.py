"""How a score prints and how it is written."""

import json

from kerasseq.metrics import Score, scores_as_json
from kerasseq.metrics.scores import title_of


def test_a_score_prints_its_interval_or_why_there_is_none():
    assert str(Score("f1", 0.5, 0.4, 0.6)) == "0.500 [0.400, 0.600]"
    assert str(Score("f1", 0.5, None, None)) == "0.500"
    assert str(Score("roc_auc", None, None, None, "only one class")) == "undefined (only one class)"


def test_an_error_in_a_small_unit_keeps_its_digits_and_a_correlation_near_zero_is_zero():
    assert str(Score("mae", 3.14e-7, 2.9e-7, 0.0)) == "3.1e-07 [2.9e-07, 0.000]"
    assert str(Score("mae", 0.0123, None, None)) == "0.012"
    assert str(Score("pearson", 3.14e-7, None, None)) == "0.000"


def test_scores_are_written_by_name_and_null_where_undefined():
    text = json.dumps(scores_as_json([Score("mae", 1.0, 0.5, 1.5), Score("r2", None, None, None, "why")]))
    assert text == (
        '{"mae": {"value": 1.0, "low": 0.5, "high": 1.5}, '
        '"r2": {"value": null, "low": null, "high": null, "note": "why"}}'
    )


def test_a_score_has_a_title_and_says_whether_less_is_better():
    assert [title_of(name) for name in ("roc_auc", "mae", "mine")] == ["ROC AUC", "Mean absolute error", "mine"]
    for name in ("accuracy", "f1_macro", "r2", "f1[spam]", "mine"):
        assert Score(name, 0.5, 0.4, 0.6).title == title_of(name)
        assert not Score(name, 0.5, 0.4, 0.6).lower_is_better
    for name in ("mae", "rmse", "mase", "log_loss"):
        assert Score(name, 0.5, 0.4, 0.6).lower_is_better


def test_a_score_of_another_task_says_its_title_and_that_it_is_an_error_itself():
    score = Score("edits", 1.5, 1.0, 2.0, called="Edits per word", error=True)
    assert (score.title, score.lower_is_better) == ("Edits per word", True)
    assert score.as_json() == {"value": 1.5, "low": 1.0, "high": 2.0, "title": "Edits per word", "error": True}
