"""A model's scores beside the baselines', by the paired test."""

import json

import numpy as np
import pytest

from kerasseq.metrics import Score, against, classification_scores
from kerasseq.metrics.against import against_as_json


def score(name, draws, *, value=None, error=False):
    draws = np.asarray(draws, dtype=float)
    return Score(name, float(draws.mean()) if value is None else value, None, None, error=error, draws=draws)


def test_a_small_difference_is_found_where_both_rise_and_fall_with_the_same_rows():
    """The intervals overlap almost whole: only the pairs tell them apart."""
    shared = np.random.default_rng(0).normal(0.7, 0.05, 999)
    mine, other = score("accuracy", shared + 0.01), score("accuracy", shared)
    [one] = against([mine], {"ngrams": [other]}, "accuracy", 0.95)
    assert one.outcome == "better"
    assert one.apart.value == pytest.approx(0.01)
    assert one.apart.p == pytest.approx(2 / 1000)
    [turned] = against([other], {"ngrams": [mine]}, "accuracy", 0.95)
    assert turned.outcome == "worse"
    [error] = against([score("mae", shared + 0.01)], {"ngrams": [score("mae", shared)]}, "mae", 0.95)
    assert error.outcome == "worse"


def test_what_may_be_chance_is_undecided_and_the_level_is_that_of_the_confidence():
    generator = np.random.default_rng(0)
    apart = np.concatenate([np.full(95, 0.1), np.full(4, -0.1)])  # 2 * (4 + 1) / 100 = 0.1
    base = generator.normal(0.5, 0.2, 99)
    mine, other = score("f1", base + apart, value=0.6), score("f1", base, value=0.5)
    [strict] = against([mine], {"tfidf": [other]}, "f1", 0.95)
    [loose] = against([mine], {"tfidf": [other]}, "f1", 0.8)
    assert strict.apart.p == loose.apart.p == pytest.approx(0.1)
    assert (strict.outcome, loose.outcome) == ("undecided", "better")


def test_every_score_meets_the_baseline_that_is_best_in_the_main_one():
    ones = np.ones(9)
    baselines = {
        "mean": [score("mae", 4 * ones), score("recall", ones)],
        "ngrams": [score("mae", 3 * ones), score("recall", 0.5 * ones)],
    }
    own = [score("recall", 0.6 * ones), score("mae", 2 * ones)]
    found = against(own, baselines, "mae", 0.95)
    assert [(one.own.name, one.baseline, one.outcome) for one in found] == [
        ("recall", "ngrams", "undecided"),
        ("mae", "ngrams", "undecided"),
    ]
    assert [one.baseline for one in against(own, baselines, "recall", 0.95)] == ["mean", "mean"]
    pinball = {who: [score("pinball", value * ones, error=True)] for who, value in (("a", 2.0), ("b", 1.0))}
    assert against([score("pinball", ones, error=True)], pinball, "pinball", 0.95)[0].baseline == "b"
    assert against(own, baselines, "r2", 0.95) == []


def test_equal_numbers_are_equal_and_scores_without_draws_are_not_tested():
    ones = np.ones(9)
    [same] = against([score("r2", ones)], {"a": [score("r2", ones)]}, "r2", 0.95)
    assert same.outcome == "equal"
    [untested] = against([Score("r2", 0.9, 0.8, 1.0)], {"a": [Score("r2", 0.1, 0.0, 0.2)]}, "r2", 0.95)
    assert (untested.outcome, untested.apart.p, untested.ahead) == ("undecided", None, True)


def test_scores_of_a_class_and_undefined_ones_stay_away():
    ones = np.ones(9)
    undefined = Score("pearson", None, None, None, "constant")
    baselines = {"a": [score("f1[x]", ones), score("r2", ones), undefined], "b": [undefined]}
    own = [score("f1[x]", ones), undefined, score("mae", ones), score("r2", ones)]
    assert [one.own.name for one in against(own, baselines, "r2", 0.95)] == ["r2"]
    assert against(own, baselines, "pearson", 0.95) == []


def test_the_scores_of_a_task_keep_their_draws_but_not_those_of_classes():
    generator = np.random.default_rng(1)
    truth, guessed = generator.integers(0, 3, 50), generator.dirichlet(np.ones(3), 50)
    found = classification_scores(truth, guessed, ("a", "b", "c"), resamples=200, confidence=0.95, seed=0)
    for one in found:
        if one.of_class:
            assert one.draws is None
        elif one.value is not None:
            assert one.draws.shape == (200,)
            assert np.quantile(one.draws, 0.025) == pytest.approx(one.low)


def test_written_it_is_json_without_nan():
    nan = np.full(9, np.nan)
    text = json.dumps(
        against_as_json(against([score("r2", nan, value=0.2)], {"a": [score("r2", nan, value=0.1)]}, "r2", 0.9))
    )
    expected = {"baseline": "a", "difference": 0.1, "low": None, "high": None, "p": None, "outcome": "undecided"}
    assert json.loads(text) == {"r2": expected}
