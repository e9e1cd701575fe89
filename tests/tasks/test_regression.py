"""What a regression learns from its targets."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from kerasseq.errors import DataError
from kerasseq.tasks.regression import Regression, as_number


def task(**settings: Any) -> Regression:
    return Regression(name="regression", **settings)


def test_mean_and_deviation_are_those_of_the_training_rows() -> None:
    values = np.random.default_rng(0).normal(1e6, 2.5, 500)
    built = task().build(pa.chunked_array([values.tolist()]))
    assert (built.mean, built.deviation) == (pytest.approx(values.mean()), pytest.approx(values.std()))


@pytest.mark.parametrize("value", [0.1, 7, 0, -1e9])
def test_targets_that_are_all_the_same_deviate_by_1(value: float) -> None:
    built = task().build(pa.chunked_array([[float(value)] * 3]))
    assert (built.mean, built.deviation) == (value, 1)


def test_rows_that_are_no_number_are_left_to_be_reported_with_their_line() -> None:
    built = task().build(pa.chunked_array([["1", "x", None, "inf", "3"]]))
    assert (built.mean, built.deviation) == (2, 1)


def test_no_number_at_all_is_an_error() -> None:
    with pytest.raises(DataError, match="must hold numbers in training, got none"):
        task().build(pa.chunked_array([["x", None]]))


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (" 2.5 ", 2.5), ("-1e-3", -0.001), ("٣٫٥", 3.5), ("۷", 7), (np.float32(0.5), 0.5)],
)
def test_what_people_write_as_a_number_is_one(value: Any, number: float) -> None:
    assert as_number(value) == number


@pytest.mark.parametrize("value", [None, True, "", "3,5", "1_000", "ten", "nan"])
def test_what_is_no_number_is_none(value: Any) -> None:
    assert math.isnan(as_number(value))


@pytest.mark.parametrize("limits", [(1.0,), (2.0, 1.0), (1.0, 1.0)])
def test_a_range_is_two_ascending_numbers(limits: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError, match="lowest < highest"):
        task(range=limits)


def test_a_restored_task_is_the_built_one() -> None:
    built = task().build(pa.chunked_array([[1.0, 4.0, 9.0]]))
    again = task().restore(built.state())
    assert (again.mean, again.deviation, again.state()) == (built.mean, built.deviation, built.state())
