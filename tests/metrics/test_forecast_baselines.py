import csv

import numpy as np
import pytest

from kerasseq.corpus.windows import chronological, cut_windows
from kerasseq.metrics.forecast import forecast_scores, seasonal_scale
from kerasseq.metrics.forecast_baselines import forecast_baselines, last_value, ridge_on_lags, seasonal_naive
from kerasseq.metrics.season import autocorrelation, find_season

RNG = np.random.default_rng(0)


def test_the_naive_forecasts_say_what_is_known():
    series = np.arange(20.0)[:, None]
    assert last_value(series, np.array([10]), 3)[0, :, 0].tolist() == [9, 9, 9]
    assert seasonal_naive(series, np.array([10]), 6, 4)[0, :, 0].tolist() == [6, 7, 8, 9, 6, 7]


def test_no_baseline_knows_what_comes_after_its_window():
    series = RNG.normal(size=(120, 2)).cumsum(axis=0)
    first = np.arange(90, 118)
    whole = forecast_baselines(series, 80, first, window=8, horizon=2, season=6)
    for row, start in enumerate(first):
        cut = series.copy()
        cut[start:] = 1e6
        alone = forecast_baselines(cut, 80, np.array([start]), window=8, horizon=2, season=6)
        for name, forecast in whole.items():
            assert alone[name][0] == pytest.approx(forecast[row]), name


def test_the_ridge_learns_a_rule_of_two_lags():
    series = np.zeros((300, 1))
    series[:2, 0] = 1, 0
    for i in range(2, 300):
        series[i] = 1.6 * series[i - 1] - series[i - 2] + 0.01 * RNG.normal()
    first = np.arange(250, 299)
    found = ridge_on_lags(series, 240, first, window=4, horizon=1)
    assert np.abs(found[:, 0] - series[first]).mean() < 0.05 * series.std()


def test_the_ridge_says_all_steps_and_dimensions_in_their_unit():
    series = np.stack([1000 + np.arange(100.0), -np.arange(100.0)], axis=1)
    found = ridge_on_lags(series, 80, np.array([90]), window=5, horizon=3)
    assert found.shape == (1, 3, 2)
    assert found[0, :, 0] == pytest.approx([1090, 1091, 1092], abs=0.5)
    assert found[0, :, 1] == pytest.approx([-90, -91, -92], abs=0.5)


def test_no_windows_give_no_forecasts_and_a_constant_series_is_answered():
    constant = np.ones((40, 1))
    found = forecast_baselines(constant, 30, np.array([], dtype=np.int64), window=3, horizon=2, season=4)
    assert {name: f.shape for name, f in found.items()} == dict.fromkeys(found, (0, 2, 1))
    found = forecast_baselines(constant, 30, np.array([35]), window=3, horizon=2)
    assert set(found) == {"last_value", "ridge"}
    assert all(f == pytest.approx(np.ones((1, 2, 1))) for f in found.values())


def test_a_season_that_no_window_can_look_back_on_is_left_out():
    found = forecast_baselines(RNG.normal(size=(40, 1)), 30, np.array([20, 35]), window=3, horizon=1, season=24)
    assert "seasonal_naive" not in found


@pytest.mark.parametrize("season", [4, 7, 12, 24])
@pytest.mark.parametrize("shape", ["sine", "spike"])
def test_a_season_is_found_under_trend_and_noise(season, shape):
    time = np.arange(400)
    wave = np.sin(time * 2 * np.pi / season) if shape == "sine" else (time % season == 0) * 3.0
    series = wave + 0.01 * time + 0.2 * np.random.default_rng(1).normal(size=400)
    assert find_season(series[:, None]) == season


def test_what_has_no_season_has_one_of_one_step():
    assert find_season(RNG.normal(size=(400, 1))) == 1
    assert find_season(np.arange(100.0)[:, None] * 1e9) == 1
    assert find_season(np.zeros((100, 2))) == 1
    assert find_season(np.zeros((3, 1))) == 1


def test_the_autocorrelation_is_that_of_the_definition():
    series = RNG.normal(size=(50, 2)).cumsum(axis=0)
    found = autocorrelation(series, 10)
    for d in range(2):
        centred = series[:, d] - series[:, d].mean()
        for lag in range(11):
            direct = (centred[lag:] * centred[: 50 - lag]).sum() / (centred**2).sum()
            assert found[lag, d] == pytest.approx(direct, abs=1e-12)


def read(path):
    with path.open(newline="") as lines:
        return np.array([[float(row[1])] for row in list(csv.reader(lines))[1:]])


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("file", "window", "horizon", "season", "mae"),
    [
        ("airline-passengers.csv", 24, 1, 12, {"last_value": 45.07, "seasonal_naive": 49.57, "ridge": 12.70}),
        ("airline-passengers.csv", 24, 12, 12, {"last_value": 87.67, "seasonal_naive": 50.78, "ridge": 13.63}),
        ("daily-min-temperatures.csv", 30, 1, 365, {"last_value": 2.025, "seasonal_naive": 2.867, "ridge": 1.740}),
        ("daily-min-temperatures.csv", 30, 7, 365, {"last_value": 2.679, "seasonal_naive": 2.882, "ridge": 2.045}),
    ],
)
def test_the_baselines_of_real_series_are_as_strong_as_measured(realdata, file, window, horizon, season, mae):
    series = read(realdata / "timeseries" / file)
    parts = chronological(len(series), 0.1, 0.1)
    training = len(parts["train"])
    assert find_season(series[:training]) == pytest.approx(season, rel=0.02)
    test = cut_windows(series, parts, window, horizon)["test"]
    found = forecast_baselines(series, training, test.first, window, horizon, season)
    scale = seasonal_scale(series[:training], season)
    scores = {name: forecast_scores(test.targets, f, scale, resamples=100)[0].value for name, f in found.items()}
    assert scores == pytest.approx(mae, rel=0.01)
