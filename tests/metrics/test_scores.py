"""How a score prints and how it is written."""

import json

from kerasseq.metrics import Score, scores_as_json


def test_a_score_prints_its_interval_or_why_there_is_none():
    assert str(Score("f1", 0.5, 0.4, 0.6)) == "0.500 [0.400, 0.600]"
    assert str(Score("f1", 0.5, None, None)) == "0.500"
    assert str(Score("roc_auc", None, None, None, "only one class")) == "undefined (only one class)"


def test_scores_are_written_by_name_and_null_where_undefined():
    text = json.dumps(scores_as_json([Score("mae", 1.0, 0.5, 1.5), Score("r2", None, None, None, "why")]))
    assert text == (
        '{"mae": {"value": 1.0, "low": 0.5, "high": 1.5}, '
        '"r2": {"value": null, "low": null, "high": null, "note": "why"}}'
    )
