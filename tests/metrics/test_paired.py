"""The paired bootstrap against scikit-learn draw by draw, a plain loop, and SciPy."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as reference

from kerasseq.metrics import (
    classification_measure,
    classification_scores,
    difference,
    regression_measure,
    regression_scores,
    replicate,
)
from kerasseq.metrics.bootstrap import resample_indices


def _systems(rows=80, seed=0):
    """A truth and two systems that share most of their errors."""
    draw = np.random.default_rng(seed)
    truth = draw.uniform(0, 10, rows)
    common = draw.normal(0, 3, rows)
    return truth, truth + common + draw.normal(0, 0.3, rows), truth + 1.2 * common + draw.normal(0, 0.3, rows)


def test_every_draw_is_scored_as_scikit_learn_scores_it_and_averaged_over_the_runs():
    truth, one, other = _systems()
    measures = [regression_measure(truth, one), regression_measure(truth, other)]
    mean, alone = replicate([measures, measures[:1]], resample_indices(len(truth), 30, 3))
    draws = np.concatenate(list(resample_indices(len(truth), 30, 3)))
    for name, score in {"mae": reference.mean_absolute_error, "r2": reference.r2_score}.items():
        slow = [[score(truth[i], system[i]) for i in draws] for system in (one, other)]
        np.testing.assert_allclose(mean[name], np.mean(slow, axis=0), rtol=1e-12)
        np.testing.assert_allclose(alone[name], slow[0], rtol=1e-12)


def test_a_difference_equals_a_plain_loop():
    truth, one, other = _systems()
    measures = [[regression_measure(truth, system)] for system in (one, other)]
    first, second = replicate(measures, resample_indices(len(truth), 400, 1))
    value = np.abs(other - truth).mean() - np.abs(one - truth).mean()
    found = difference(value, second["mae"], first["mae"], 0.9)
    draw, apart = np.random.default_rng(1), []
    for _ in range(400):
        index = draw.integers(0, len(truth), len(truth))
        apart.append(np.abs(other - truth)[index].mean() - np.abs(one - truth)[index].mean())
    low, high = np.quantile(apart, [0.05, 0.95])
    below, above = sum(a <= 0 for a in apart), sum(a >= 0 for a in apart)
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high))
    assert found.p == pytest.approx(min(1, 2 * (min(below, above) + 1) / 401))


def test_intervals_agree_with_scipy():
    truth, one, other = _systems(200, seed=5)
    measures = [[regression_measure(truth, system)] for system in (one, other)]
    first, second = replicate(measures, resample_indices(len(truth), 5000, 0))
    found = difference(0.0, second["mae"], first["mae"])
    slow = scipy.stats.bootstrap(
        (np.abs(other - truth), np.abs(one - truth)),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        paired=True, n_resamples=5000, method="percentile", random_state=np.random.default_rng(9),
    ).confidence_interval  # fmt: skip
    assert (found.low, found.high) == pytest.approx((slow.low, slow.high), abs=0.02)


def test_paired_rows_tell_apart_what_two_intervals_cannot():
    truth, one, other = _systems()
    scores = [{s.name: s for s in regression_scores(truth, system, resamples=1000)}["mae"] for system in (one, other)]
    assert scores[0].high > scores[1].low
    first, second = replicate(
        [[regression_measure(truth, s)] for s in (one, other)], resample_indices(len(truth), 1000, 0)
    )
    assert difference(scores[1].value - scores[0].value, second["mae"], first["mae"]).p < 0.01


def test_of_equal_systems_one_turns_up_better_as_often_as_the_level_says():
    ps = []
    for seed in range(200):
        draw = np.random.default_rng(seed)
        truth = draw.normal(size=50)
        first, second = replicate(
            [[regression_measure(truth, truth + draw.normal(size=50))] for _ in range(2)],
            resample_indices(50, 200, seed),
        )
        ps.append(difference(0.0, second["mae"], first["mae"]).p)
    assert 0.02 < np.mean(np.array(ps) < 0.1) < 0.2


def test_a_system_does_not_differ_from_itself():
    truth, one, _ = _systems()
    first, second = replicate([[regression_measure(truth, one)]] * 2, resample_indices(len(truth), 50, 0))
    found = difference(0.0, first["rmse"], second["rmse"])
    assert (found.low, found.high, found.p) == (0.0, 0.0, 1.0)


def test_turning_the_two_around_turns_the_interval_and_keeps_p():
    truth, one, other = _systems()
    first, second = replicate(
        [[regression_measure(truth, s)] for s in (one, other)], resample_indices(len(truth), 300, 0)
    )
    there, back = difference(1.0, second["r2"], first["r2"]), difference(-1.0, first["r2"], second["r2"])
    assert (there.low, there.high, there.p) == pytest.approx((-back.high, -back.low, back.p))


def test_draws_that_leave_a_score_undefined_do_not_count():
    mine, other = np.array([1.0, np.nan, 3.0]), np.array([0.0, 0.0, np.nan])
    assert difference(1.0, mine, other) == difference(1.0, mine[:1], other[:1])
    none = difference(1.0, mine[1:], other[1:])
    assert (none.low, none.high, none.p) == (None, None, None)


def test_the_draws_are_those_of_the_scores_themselves():
    draw = np.random.default_rng(0)
    truth, probabilities = draw.integers(0, 2, 60), draw.dirichlet([1, 1], 60)
    scores = {s.name: s for s in classification_scores(truth, probabilities, ["no", "yes"], resamples=200, seed=4)}
    [replicas] = replicate(
        [[classification_measure(truth, probabilities, ["no", "yes"])]], resample_indices(60, 200, 4)
    )
    for name in ("accuracy", "roc_auc", "log_loss", "f1[no]"):
        low, high = np.quantile(replicas[name], [0.025, 0.975])
        assert (low, high) == (scores[name].low, scores[name].high)


@pytest.mark.parametrize("seeds", [((0.81, 0.84, 0.79), (0.85, 0.86, 0.83)), ((0.7, 0.9), (0.5, 0.51, 0.49, 0.52))])
def test_where_rows_tell_nothing_a_difference_over_seeds_is_that_of_student(seeds):
    one, other = map(np.array, seeds)
    count, value = 20_000, one.mean() - other.mean()
    drawn = [np.full(count, side.mean()) for side in (one, other)]
    found = difference(value, *drawn, 0.9, seeds)
    expected = scipy.stats.ttest_ind(one, other)
    ends = expected.confidence_interval(0.9)
    assert found.p == pytest.approx(expected.pvalue, abs=3 / count)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=1e-3)


def test_rows_and_seeds_add_up():
    draw = np.random.default_rng(0)
    mine, other = draw.normal(0.5, 0.03, (2, 20_000))
    seeds = draw.normal(0.5, 0.04, (2, 40)).tolist()
    rows, both = difference(0.0, mine, other), difference(0.0, mine, other, seeds=seeds)
    deviation = np.hypot(np.sqrt(2) * 0.03, np.sqrt(sum(np.var(side, ddof=1) / 40 for side in seeds)))
    assert both.high - both.low == pytest.approx(2 * 1.96 * deviation, rel=0.03)
    assert both.high - both.low > rows.high - rows.low


def test_a_single_run_lends_the_spread_of_the_other_side_and_two_are_these_very_weights():
    mine, other = np.random.default_rng(0).normal(0.5, 0.03, (2, 1000))
    rows = difference(0.0, mine, other)
    assert difference(0.0, mine, other, seeds=([0.5], [0.4])) == rows
    assert difference(0.0, mine, other, seeds=([0.5, 0.5], [0.4, 0.4])) == rows
    lent = difference(0.0, mine, other, seeds=([0.5], [0.4, 0.5, 0.6]))
    assert lent.high - lent.low > 1.5 * (rows.high - rows.low)
