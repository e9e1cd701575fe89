"""How far two answers lie apart, against loops over the rows."""

# N rows, T time

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.tasks.predictions import MARGIN, Predictions


@dataclass(frozen=True)
class Given(Predictions):
    """Answers of any names."""

    named: Mapping[str, Any]
    units: Mapping[str, float] = field(default_factory=dict)
    certain: Any = None

    def __len__(self) -> int:
        return len(next(iter(self.named.values())))

    def take(self, rows: Any) -> Any:
        return Given({name: values[rows] for name, values in self.named.items()}, self.units)

    def arrays(self) -> dict[str, Any]:
        return dict(self.named)

    def sure(self) -> Any:
        return super().sure() if self.certain is None else np.array(self.certain)


def tags(*rows: str) -> list[Any]:
    return [np.array(row.split(), dtype=object) for row in rows]


def numbers(*rows: list[float]) -> list[Any]:
    return [np.array(row) for row in rows]


def test_the_largest_difference_of_all_numbers_of_a_row_counts() -> None:
    wanted = Given({"score": np.array([1.0, 2.0, 3.0]), "shares": np.array([[0.5, 0.5], [0.2, 0.8], [1, 0]])})
    got = {"score": np.array([1.5, 2.0, 3.0]), "shares": np.array([[0.4, 0.6], [0.2, 0.7], [1, 0]])}
    np.testing.assert_allclose(wanted.apart(got), [0.5, 0.1, 0], atol=1e-12)


def test_differences_are_measured_by_the_unit_of_their_array() -> None:
    wanted = Given({"score": np.array([10.0, 20.0]), "other": np.array([1.0, 1.0])}, {"score": 50.0})
    got = {"score": np.array([15.0, 20.0]), "other": np.array([1.0, 1.25])}
    np.testing.assert_allclose(wanted.apart(got), [0.1, 0.25])


def test_choices_are_no_numbers_and_what_is_not_given_is_not_compared() -> None:
    wanted = Given(
        {"label": np.array(["a", "b"], dtype=object), "place": np.array([3, 4]), "score": np.array([1.0, 2])}
    )
    got = {"label": np.array(["x", "b"], dtype=object), "place": np.array([3, 9])}
    assert wanted.apart(got).tolist() == [0, 0]
    assert wanted.differ(got).tolist() == [True, True]
    assert wanted.differ({"score": np.array([9.0, 9.0])}).tolist() == [False, False]


@pytest.mark.parametrize("strings", [object, "U"])
def test_strings_of_any_type_are_choices(strings: Any) -> None:
    wanted = Given({"label": np.array(["a", "bb"], dtype=strings)})
    assert wanted.differ({"label": np.array(["a", "b"], dtype=object)}).tolist() == [False, True]
    assert wanted.apart({"label": np.array(["a", "b"])}).tolist() == [0, 0]


def test_a_near_tie_may_be_chosen_otherwise() -> None:
    wanted = Given({"label": np.array(["a", "b"], dtype=object)}, certain=[False, True])
    assert wanted.differ({"label": np.array(["b", "a"], dtype=object)}).tolist() == [False, True]
    assert 0 < MARGIN < 0.01


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (np.zeros((2, 3)), np.zeros((2, 4))),
        (np.zeros((2, 3)), np.zeros(2)),
        (np.zeros(2), np.zeros(3)),
        (numbers([1.0, 2], [3.0]), numbers([1.0], [3.0, 4])),
        (numbers([1.0, 2], [3.0]), numbers([1.0, 2])),
    ],
)
def test_answers_of_another_form_are_infinitely_far(wanted: Any, got: Any) -> None:
    assert Given({"score": wanted}).apart({"score": got}).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize("values", [lambda *rows: np.array(rows), numbers])
def test_what_is_not_a_number_is_infinitely_far(values: Any) -> None:
    wanted = Given({"score": values([1.0, 2.0], [3.0, 4.0])})
    assert wanted.apart({"score": values([1.0, np.nan], [3.0, 4.0])}).tolist() == [np.inf, 0]


# === One value a step ===


@given(st.lists(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), max_size=5), min_size=1, max_size=5))
def test_rows_of_unequal_length_are_compared_step_by_step(rows: list[list[tuple[float, float]]]) -> None:
    wanted, got = (numbers(*([pair[side] for pair in row] for row in rows)) for side in (0, 1))
    expected = [max((abs(a - b) for a, b in row), default=0) / 2 for row in rows]
    np.testing.assert_allclose(Given({"weights": wanted}, {"weights": 2.0}).apart({"weights": got}), expected)


def test_steps_of_several_numbers_are_compared_too() -> None:
    wanted = Given({"shares": [np.zeros((2, 3)), np.zeros((0, 3))]})
    assert wanted.apart({"shares": [np.full((2, 3), 0.25), np.zeros((0, 3))]}).tolist() == [0.25, 0]
    assert wanted.apart({"shares": [np.zeros((2, 4)), np.zeros((0, 3))]}).tolist() == [np.inf, 0]


@pytest.mark.parametrize("first", ["", "B I O"])
def test_tags_are_choices_also_behind_an_empty_row(first: str) -> None:
    wanted = Given({"tags": tags(first, "B O", "O")})
    assert wanted.differ({"tags": tags(first, "B O", "B")}).tolist() == [False, False, True]
    assert wanted.differ({"tags": tags(first, "B", "O")}).tolist() == [False, True, False]
    assert wanted.apart({"tags": tags(first, "B I", "O")}).tolist() == [0, 0, 0]
    bare = [np.array(row.split()) for row in (first, "B O", "O")]  # an empty one is of floats
    assert Given({"tags": bare}).differ({"tags": tags(first, "B I", "O")}).tolist() == [False, True, False]
    assert Given({"tags": bare}).apart({"tags": tags(first, "B I", "O")}).tolist() == [0, 0, 0]


@pytest.mark.parametrize("kind", [object, "U1", "int64", "float64"])
def test_empty_rows_alone_do_not_differ(kind: str) -> None:
    wanted = Given({"tags": [np.array([], dtype=kind)] * 2})
    assert wanted.apart({"tags": tags("", "")}).tolist() == [0, 0]
    assert wanted.differ({"tags": tags("", "")}).tolist() == [False, False]


def test_no_rows_do_not_differ() -> None:
    for none in (np.zeros((0, 3)), np.array([], dtype=object), []):
        assert Given({"some": none}).apart({"some": none}).shape == (0,)
        assert Given({"some": none}).differ({"some": none}).shape == (0,)


def test_a_person_reads_one_answer() -> None:
    found = Given(
        {
            "label": np.array(["good", "bad"], dtype=object),
            "score": np.array([0.123456789, 7.0]),
            "shares": np.array([[0.25, 0.75], [1, 0]]),
            "tags": tags("B I", ""),
            "weights": numbers([1 / 3] * 9, [0.5]),
        }
    )
    shown = " ".join(["0.333333"] * 8)
    assert found.shown(0) == f"label good, score 0.123457, shares [0.25 0.75], tags [B I], weights [{shown} ...]"
    assert found.shown(1) == "label bad, score 7, shares [1 0], tags [], weights [0.5]"
