import json

import numpy as np
import pytest

from kerasseq.metrics import replicate, scores_as_json
from kerasseq.metrics.bootstrap import resample_indices
from kerasseq.metrics.forecast import forecast_measure, forecast_scores, seasonal_scale

RNG = np.random.default_rng(0)


def test_the_scores_are_those_of_a_plain_reference():
    truth = RNG.normal(50, 10, (40, 3, 2))
    prediction = truth + RNG.normal(0, 2, truth.shape)
    training = RNG.normal(50, 10, (30, 2))
    scale = seasonal_scale(training, 7)
    found = {s.name: s.value for s in forecast_scores(truth, prediction, scale, resamples=20)}
    absolute, squared, scaled, naive = [], [], [], [[], []]
    for step in range(7, 30):
        for d in range(2):
            naive[d].append(abs(training[step, d] - training[step - 7, d]))
    for n in range(40):
        for h in range(3):
            for d in range(2):
                error = abs(prediction[n, h, d] - truth[n, h, d])
                absolute.append(error)
                squared.append(error**2)
                scaled.append(error / (sum(naive[d]) / len(naive[d])))
    assert found["mae"] == pytest.approx(sum(absolute) / len(absolute))
    assert found["rmse"] == pytest.approx((sum(squared) / len(squared)) ** 0.5)
    assert found["mase"] == pytest.approx(sum(scaled) / len(scaled))


def test_mase_of_the_seasonal_naive_forecast_in_training_is_one():
    training = RNG.normal(size=(60, 1)).cumsum(axis=0)
    truth, prediction = training[12:, None], training[:-12, None]
    found = {s.name: s.value for s in forecast_scores(truth, prediction, seasonal_scale(training, 12), resamples=20)}
    assert found["mase"] == pytest.approx(1)


def test_the_interval_holds_the_value_and_blocks_make_it_wider_where_errors_hang_together():
    truth = np.zeros((300, 1, 1))
    prediction = np.repeat(RNG.normal(size=30), 10).reshape(300, 1, 1)
    width = {}
    for block in (1, 20):
        mae = forecast_scores(truth, prediction, np.ones(1), block=block)[0]
        assert mae.low < mae.value < mae.high
        width[block] = mae.high - mae.low
    assert width[20] > 1.8 * width[1]


def test_too_few_windows_have_scores_and_no_interval():
    truth = RNG.normal(size=(3, 12, 1))
    scores = forecast_scores(truth, truth + 1, np.ones(1))
    assert [(s.value, s.low, s.high) for s in scores] == [(pytest.approx(1), None, None)] * 3
    assert scores[0].note == "no interval: 3 windows are fewer than two blocks of 3"


def test_a_training_part_that_repeats_itself_leaves_mase_undefined_and_says_so():
    training = np.tile([1.0, 2.0, 3.0], 5)[:, None]
    truth = RNG.normal(size=(20, 1, 1))
    scores = {s.name: s for s in forecast_scores(truth, truth, seasonal_scale(training, 3), resamples=20)}
    assert scores["mae"].value == 0
    assert scores["mase"].value is None
    assert "repeats itself" in scores["mase"].note
    json.dumps(scores_as_json(scores.values()), allow_nan=False)


def test_a_season_longer_than_training_falls_back_to_one_step():
    training = np.array([[1.0], [2.0], [4.0]])
    assert seasonal_scale(training, 12).tolist() == [1.5]
    assert np.isnan(seasonal_scale(training[:1], 1)).all()


def test_two_models_are_compared_on_the_same_blocks():
    truth = RNG.normal(size=(50, 2, 1))
    measures = [forecast_measure(truth, truth + off, np.ones(1)) for off in (1.0, 2.0)]
    one, two = replicate([[m] for m in measures], resample_indices(50, 100, 0))
    assert two["mae"] - one["mae"] == pytest.approx(np.ones(100))


@pytest.mark.parametrize(
    ("truth", "prediction", "scale", "message"),
    [
        (np.zeros((2, 1, 1)), np.zeros((2, 2, 1)), np.ones(1), "shape"),
        (np.zeros((2, 1)), np.zeros((2, 1)), np.ones(1), "shape"),
        (np.zeros((2, 1, 1)), np.zeros((2, 1, 1)), np.ones(2), "scale must have shape"),
        (np.zeros((0, 1, 1)), np.zeros((0, 1, 1)), np.ones(1), "at least 1 window"),
        (np.zeros((2, 1, 1)), np.full((2, 1, 1), np.nan), np.ones(1), "finite"),
    ],
)
def test_wrong_input_is_refused(truth, prediction, scale, message):
    with pytest.raises(ValueError, match=message):
        forecast_scores(truth, prediction, scale)
