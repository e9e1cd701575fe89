"""What a regression learns from its targets."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from kerasseq.pipelines.text import TextPipeline
from kerasseq.tasks.regression import Regression
from kerasseq.tokenizers.word import Word

WORD = Word(name="word")
TEXT = TextPipeline((), WORD, WORD.build())


def task(**settings: Any) -> Regression:
    return Regression(name="regression", **settings)


def learned(targets: list[Any]) -> Any:
    return task().learned(pa.chunked_array([targets]), TEXT)


def test_mean_and_deviation_are_those_of_the_training_rows() -> None:
    values = np.random.default_rng(0).normal(1e6, 2.5, 500)
    built = learned(values.tolist())
    assert (built.mean, built.deviation) == (pytest.approx(values.mean()), pytest.approx(values.std()))


@pytest.mark.parametrize("value", [0.1, 7, 0, -1e9])
def test_targets_that_are_all_the_same_deviate_by_1(value: float) -> None:
    built = learned([float(value)] * 3)
    assert (built.mean, built.deviation) == (value, 1)


def test_rows_that_are_no_number_are_left_to_be_reported_with_their_line() -> None:
    built = learned(["1", "x", None, "inf", "3"])
    assert (built.mean, built.deviation) == (2, 1)


def test_no_number_at_all_is_left_to_be_reported_too() -> None:
    built = learned(["x", None])
    assert (built.mean, built.deviation) == (0, 1)


@pytest.mark.parametrize("limits", [(1.0,), (2.0, 1.0), (1.0, 1.0)])
def test_a_range_is_two_ascending_numbers(limits: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError, match="lowest < highest"):
        task(range=limits)


def test_a_restored_task_is_the_built_one() -> None:
    built = learned([1.0, 4.0, 9.0])
    again = task().restored(built.state(), TEXT)
    assert (again.mean, again.deviation, again.state()) == (built.mean, built.deviation, built.state())


def test_a_range_ends_where_float32_still_counts() -> None:
    with pytest.raises(ValidationError, match="must lie between"):
        task(range=(0.0, 1e39))


def test_a_wrong_range_is_said_beside_other_mistakes() -> None:
    with pytest.raises(ValidationError) as caught:
        task(range=(10.0, 0.0), loss="msee")
    assert {error["loc"] for error in caught.value.errors()} == {("range",), ("loss",)}


def test_one_target_far_from_all_others_is_told(caplog: pytest.LogCaptureFixture) -> None:
    values = [str(i % 7) for i in range(30)]
    with caplog.at_level("WARNING", "kerasseq"):
        learned(values)
        assert not caplog.text
        learned([*values, "1e12"])
    assert (
        "target: 1 of 31 lie further from the median than 1000 widths of the middle half, as 1e+12 does" in caplog.text
    )
