"""The built forecast task, without a network."""

from types import SimpleNamespace

import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.standardise import Standardiser
from kerasseq.corpus.vector_rows import VectorRows
from kerasseq.evaluation import measure
from kerasseq.metrics.forecast_baselines import forecast_baselines
from kerasseq.pipelines.windows import WindowsPipeline
from kerasseq.tasks.forecast import Forecast
from kerasseq.tasks.forecaster import Forecaster

WINDOW, HORIZON = 8, 2


@pytest.fixture
def series():
    draw = np.random.default_rng(0)
    return 1000 + np.cumsum(draw.normal(size=(120, 1)), axis=0)


@pytest.fixture
def task():
    pipeline = WindowsPipeline(WINDOW, HORIZON, 4, False, True, "last")
    return Forecaster(Forecast(window=WINDOW, horizon=HORIZON), pipeline)


def rows_of(series, places):
    windows = np.concatenate([series[place - WINDOW : place] for place in places])
    return VectorRows(Ragged(windows, np.arange(len(places) + 1) * WINDOW), [place + 1 for place in places])


def test_baselines_learn_from_the_last_of_many_windows_as_from_a_series_that_begins_there(series, task, monkeypatch):
    learned, asked = range(WINDOW, 80), range(95, 110)
    targets = np.array([series[place : place + HORIZON] for place in learned])
    monkeypatch.setattr(measure, "BASELINE_ROWS", 40)
    settings = SimpleNamespace(task=task.spec, seed=0, evaluation=SimpleNamespace(baselines=True))
    trained = SimpleNamespace(task=task, experiment=settings)
    training = rows_of(series, learned), targets
    found, said = measure._baselines(trained, training, rows_of(series, asked), lambda answers: answers.values)
    assert said == {"baselines": "learned from 40 of 72 training rows, the last ones"}
    begin = learned[-40] - WINDOW
    first = np.array(asked) - begin
    wanted = forecast_baselines(series[begin:], 80 - 1 + HORIZON - begin, first, WINDOW, HORIZON, season=4)
    assert set(found) == set(wanted) == {"last_value", "seasonal_naive", "ridge"}
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, err_msg=name)


def test_answers_and_targets_have_the_decimals_of_the_smallest_series(task):
    task.pipeline.standardiser = Standardiser(np.array([5.0, 3e-7]), np.array([1.0, 1e-7]))
    values = np.array([[[4.25, 3.1234567e-7]] * HORIZON])
    columns = task.columns(task.read({"forecast": values}))
    assert columns == {"prediction": [[[4.25, 3.12346e-7]] * HORIZON]}
    assert task.truth_column(task.pipeline.scaled(values)) == columns["prediction"]
    task.pipeline.standardiser = Standardiser(np.array([5.0]), np.array([1e-7]))
    assert task.columns(task.read({"forecast": [[[4.2500004]] * HORIZON]})) == {"prediction": [[[4.25]] * HORIZON]}
