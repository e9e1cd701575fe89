"""The top of the page."""

import pytest

from kerasseq.metrics import Score, title_of
from kerasseq.report.summary import baseline_title, header, interval, score_table, shown, verdict


def _against(data, changed, own, other, name="f1_macro"):
    return verdict(
        changed(data, main=name, scores=[Score(name, *own)], baselines={"tfidf_linear": [Score(name, *other)]})
    )


def test_the_verdict_follows_the_two_intervals(classification, changed):
    clear = _against(classification, changed, (0.9, 0.85, 0.95), (0.7, 0.65, 0.75))
    assert clear == "Better than the best baseline (TF-IDF, linear, 0.700), and the intervals do not overlap."
    close = _against(classification, changed, (0.74, 0.7, 0.8), (0.7, 0.65, 0.75))
    assert close.startswith("Better than")
    assert "may be chance" in close
    assert _against(classification, changed, (0.5, 0.4, 0.6), (0.7, 0.65, 0.75)).startswith("Worse than")
    assert _against(classification, changed, (0.69, 0.6, 0.8), (0.7, 0.6, 0.8)).startswith("Not better")
    for own in ((1.0, 1.0, 1.0), (1.0, 0.9, 1.0), (1.0, None, None)):
        equal = _against(classification, changed, own, (1.0, 1.0, 1.0))
        assert equal == "Equal to the best baseline (TF-IDF, linear, 1.000)."
    assert "missing" in _against(classification, changed, (0.7, None, None), (0.6, 0.5, 0.7))


def test_a_smaller_error_is_better(regression, changed):
    assert _against(regression, changed, (1.0, 0.9, 1.1), (2.0, 1.9, 2.1), "mae").startswith("Better")
    assert _against(regression, changed, (2.0, 1.9, 2.1), (1.0, 0.9, 1.1), "mae").startswith("Worse")


def test_without_a_baseline_the_verdict_says_so(classification, changed):
    assert "no baseline" in verdict(changed(classification, baselines={}))


def test_the_header_shows_name_score_and_interval(regression):
    page = header(regression)
    assert "<bdi>demo</bdi>" in page
    assert shown(regression.main_score, regression.main_score.value) in page
    assert f"95 % interval: {interval(regression.main_score)}" in page
    assert "1 min 15 s" in page


def test_every_whole_score_has_a_row_with_the_baselines_beside_it(classification):
    table = score_table(classification)
    assert table.count("<tr>") == 1 + 7
    assert "Majority class" in table
    assert "[سلبي]" not in table
    assert "ROC AUC" in table


def test_an_undefined_score_shows_its_reason(regression):
    assert "the prediction is constant" in score_table(regression)


def test_a_small_correlation_is_no_power_of_ten_and_a_small_error_keeps_its_digits():
    r2, mae = Score("r2", -9e-5, -0.01, 0.01), Score("mae", 9e-5, 8e-5, 1e-4)
    assert shown(r2, r2.value) == "0.000"
    assert shown(mae, mae.value) == "9.0e-05"
    assert interval(r2) == "-0.010 to 0.010"


def test_unknown_names_keep_their_name():
    assert title_of("perplexity") == baseline_title("perplexity") == "perplexity"


@pytest.mark.parametrize("seconds", [0.04, 59.9, 61, 3700])
def test_durations_read_well(classification, changed, seconds):
    expected = {0.04: "0.0 s", 59.9: "59.9 s", 61: "1 min 1 s", 3700: "1 h 1 min"}[seconds]
    assert f"trained in {expected}" in header(changed(classification, seconds=seconds))
