"""Regression scores against scikit-learn and SciPy, on all rows and on every resample."""

import json
import warnings

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as reference
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerasseq.metrics import regression_scores, scores_as_json
from kerasseq.metrics.bootstrap import resample_indices


def _rows(rows, seed=0, ties=False, offset=0.0):
    generator = np.random.default_rng(seed)
    truth = generator.uniform(0, 10, rows)
    prediction = truth + generator.normal(0, 2, rows)
    if ties:
        truth, prediction = np.round(truth), np.round(prediction)
    return truth + offset, prediction + offset


def _slow(truth, prediction):
    return {
        "mae": reference.mean_absolute_error(truth, prediction),
        "rmse": reference.root_mean_squared_error(truth, prediction),
        "r2": reference.r2_score(truth, prediction),
        "pearson": scipy.stats.pearsonr(truth, prediction)[0],
        "spearman": scipy.stats.spearmanr(truth, prediction)[0],
    }


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("ties", [False, True])
def test_values_equal_scikit_learn_and_scipy(ties, offset):
    truth, prediction = _rows(120, ties=ties, offset=offset)
    scores = {s.name: s.value for s in regression_scores(truth, prediction, resamples=1)}
    assert scores == pytest.approx(_slow(truth, prediction), abs=1e-8)


@pytest.mark.parametrize("ties", [False, True])
def test_intervals_equal_a_slow_bootstrap_over_the_same_draws(ties):
    truth, prediction = _rows(25, seed=3, ties=ties)
    draws = np.concatenate(list(resample_indices(25, 50, seed=9)))
    slow = [_slow(truth[draw], prediction[draw]) for draw in draws]
    for score in regression_scores(truth, prediction, resamples=50, confidence=0.8, seed=9):
        low, high = np.quantile([one[score.name] for one in slow], [0.1, 0.9])
        assert (score.low, score.high) == (pytest.approx(low), pytest.approx(high)), score.name


def test_a_constant_prediction_has_an_error_but_no_correlation():
    scores = {s.name: s for s in regression_scores(np.array([1.0, 2.0, 3.0]), np.full(3, 2.0))}
    assert scores["mae"].value == pytest.approx(2 / 3)
    assert scores["pearson"].value is None
    assert scores["spearman"].note == "the prediction is constant"


def test_a_constant_truth_has_no_r2():
    scores = {s.name: s for s in regression_scores(np.full(3, 2.0), np.array([1.0, 2.0, 3.0]))}
    assert (scores["r2"].value, scores["r2"].note) == (None, "the truth is constant")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=6))
@example([(0.0, 0.0), (1.1125369292536007e-308, 0.0)])
@example([(0.0, 0.0), (1.0873548737657115e-150, 10309.0)])
def test_no_input_gives_a_warning_or_a_number_that_json_refuses(pairs):
    truth, prediction = np.array(pairs).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = regression_scores(truth, prediction, resamples=20)
    json.dumps(scores_as_json(scores), allow_nan=False)
    assert all(s.value is not None or s.note for s in scores)


@pytest.mark.parametrize(
    ("truth", "prediction", "message"),
    [([1.0], [1.0, 2.0], "shape"), ([], [], "at least 1 row"), ([1.0], [np.inf], "finite")],
)
def test_wrong_input_is_refused(truth, prediction, message):
    with pytest.raises(ValueError, match=message):
        regression_scores(np.array(truth), np.array(prediction))
