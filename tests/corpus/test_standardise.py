import json

import numpy as np
import pytest

from kerasseq.corpus.standardise import Standardiser

RNG = np.random.default_rng(0)


def test_mean_and_deviation_are_those_of_a_float64_reference():
    rows = RNG.normal([1e6, -3, 0.5], [1, 10, 1e-3], (1000, 3)).astype(np.float32)
    fitted = Standardiser.fit(rows)
    reference = rows.astype(np.float64)
    assert fitted.mean == pytest.approx(reference.mean(axis=0), rel=1e-12)
    assert fitted.deviation == pytest.approx(reference.std(axis=0), rel=1e-9)
    applied = fitted.apply(rows)
    assert applied.dtype == np.float32
    assert applied.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-5)
    assert applied.std(axis=0) == pytest.approx(np.ones(3), abs=1e-4)


def test_more_rows_than_one_block_give_the_same_numbers(monkeypatch):
    rows = RNG.normal(5, 2, (1001, 2)).astype(np.float32)
    whole = Standardiser.fit(rows)
    monkeypatch.setattr("kerasseq.corpus.standardise._BLOCK", 10)
    assert Standardiser.fit(rows).mean == pytest.approx(whole.mean, rel=1e-12)
    assert Standardiser.fit(rows).deviation == pytest.approx(whole.deviation, rel=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e20, -7.0])
def test_a_constant_dimension_becomes_zero_and_is_not_blown_up(value):
    rows = np.full((1000, 1), value, dtype=np.float32)
    fitted = Standardiser.fit(rows)
    assert fitted.deviation.tolist() == [1.0]
    assert np.abs(fitted.apply(rows)).max() == 0


def test_the_inverse_gives_the_values_back_for_any_shape():
    fitted = Standardiser.fit(RNG.normal(100, 5, (50, 2)))
    values = RNG.normal(100, 5, (3, 4, 2))
    assert fitted.inverse(fitted.apply(values)) == pytest.approx(values, rel=1e-6)


def test_the_state_goes_through_json_bit_by_bit():
    fitted = Standardiser.fit(RNG.normal(size=(7, 3)))
    again = Standardiser.restore(json.loads(json.dumps(fitted.state())))
    assert again.mean.tolist() == fitted.mean.tolist()
    assert again.deviation.tolist() == fitted.deviation.tolist()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"mean": [1.0]},
        {"mean": [1.0], "deviation": [1.0, 2.0]},
        {"mean": [1.0], "deviation": [0.0]},
        {"mean": [float("nan")], "deviation": [1.0]},
        {"mean": 1.0, "deviation": 1.0},
        {"mean": ["a"], "deviation": [1.0]},
    ],
)
def test_a_state_that_is_none_is_refused(state):
    with pytest.raises(ValueError, match="state must be|could not convert"):
        Standardiser.restore(state)


@pytest.mark.parametrize(
    ("rows", "message"),
    [(np.zeros((0, 2)), "S at least 1"), (np.zeros(3), "shape"), (np.array([[np.nan], [1.0]]), "finite")],
)
def test_rows_that_say_nothing_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        Standardiser.fit(rows)


def test_another_width_is_refused():
    with pytest.raises(ValueError, match=r"\(\.\.\., 2\), got \(4, 3\)"):
        Standardiser.fit(np.eye(2)).apply(np.zeros((4, 3)))
