"""The top of the page."""

import numpy as np
import pytest

from kerasseq.metrics import Score, against, baseline_title, title_of
from kerasseq.report.data import Advice
from kerasseq.report.shown import shown
from kerasseq.report.summary import header, interval, score_table


def test_the_verdict_stands_on_top_with_what_to_try_next(classification, changed):
    ones = np.ones(99)
    own, other = (
        Score("f1_macro", 0.4, None, None, draws=0.4 * ones),
        Score("f1_macro", 0.5, None, None, draws=0.5 * ones),
    )
    found = against([own], {"ngrams": [other]}, "f1_macro", 0.95)
    points = [Advice("the linear model <alone>", "kerasseq run 'a b.toml' --set wide.share=0")]
    page = header(changed(classification, main="f1_macro", scores=[own], against=found, advice=points))
    assert "Worse than the best baseline (N-grams, linear) in F1, macro: 0.400 against 0.500, p 0.020." in page
    assert "To try next:" in page
    assert "the linear model &lt;alone&gt;<pre" in page
    assert "<code>kerasseq run &#x27;a b.toml&#x27; --set wide.share=0</code>" in page
    assert "To try next" not in header(changed(classification, against=found))


def test_every_score_has_a_line_with_its_difference_to_the_best_baseline_and_p(regression, changed):
    draws = np.linspace(0.5, 1.5, 99)
    own, other = Score("mae", 1.0, 0.5, 1.5, draws=draws), Score("mae", 2.0, 1.5, 2.5, draws=draws + 1)
    table = score_table(changed(regression, scores=[own], against=against([own], {"mean": [other]}, "mae", 0.9)))
    assert "The model less Training mean, its best baseline" in table
    assert "p under 0.1." in table
    assert "<td>-1.000<small>-1.000 to -1.000</small></td><td>0.020</td><td>better</td>" in table


def test_without_a_baseline_the_verdict_says_so(classification, changed):
    assert "no baseline" in header(changed(classification, baselines={}))


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
    assert title_of("kappa") == baseline_title("kappa") == "kappa"


@pytest.mark.parametrize("seconds", [0.04, 59.9, 61, 3700])
def test_durations_read_well(classification, changed, seconds):
    expected = {0.04: "0.0 s", 59.9: "59.9 s", 61: "1 min 1 s", 3700: "1 h 1 min"}[seconds]
    assert f"trained in {expected}" in header(changed(classification, seconds=seconds))
