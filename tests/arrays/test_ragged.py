"""Sequences of unequal length as one flat array."""

# T time, D numbers of a step

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.arrays.ragged import Ragged

ROWS = st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=6), max_size=6)


@given(ROWS)
def test_it_holds_what_it_was_built_from(rows: list[list[int]]) -> None:
    ragged = Ragged.from_lists(rows)
    assert [r.tolist() for r in ragged] == rows
    assert ragged.lengths.tolist() == [len(r) for r in rows]
    assert (ragged.flat.dtype, ragged.offsets.dtype) == (np.int32, np.int64)


@given(ROWS.filter(bool), st.data())
def test_taken_and_padded_rows_come_in_the_order_asked_for(rows: list[list[int]], data: st.DataObject) -> None:
    order = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8)), dtype=np.int64)
    length = max((len(rows[i]) for i in order), default=0) + data.draw(st.integers(0, 3))
    ragged = Ragged.from_lists(rows)
    assert [r.tolist() for r in ragged.take(order)] == [rows[i] for i in order]
    assert ragged.padded(order, length).tolist() == [rows[i] + [0] * (length - len(rows[i])) for i in order]


def test_a_negative_index_counts_from_the_end_and_one_outside_is_an_error() -> None:
    ragged = Ragged.from_lists([[5, 6], [], [7]])
    assert [ragged[-3].tolist(), ragged[-1].tolist()] == [[5, 6], [7]]
    with pytest.raises(IndexError):
        ragged[3]
    with pytest.raises(IndexError):
        ragged[-4]


def test_a_sequence_longer_than_the_padding_is_an_error() -> None:
    with pytest.raises(ValueError, match="length must be at least 2, got 1"):
        Ragged.from_lists([[5, 6]]).padded(np.array([0]), 1)


def test_no_rows_are_a_ragged_too() -> None:
    empty = Ragged.from_lists([])
    assert len(empty) == 0
    assert empty.padded(np.array([], dtype=np.int64), 3).shape == (0, 3)


# === Vectors ===


def vectors(lengths: list[int], shape: tuple[int, ...]) -> list[Any]:
    random = np.random.default_rng(0)
    return [random.normal(size=(length, *shape)).astype("float32") for length in lengths]


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@given(lengths=st.lists(st.integers(0, 5), min_size=1, max_size=6), data=st.data())
def test_steps_of_any_shape_are_taken_and_padded_with_any_value(
    shape: tuple[int, ...], lengths: list[int], data: st.DataObject
) -> None:
    rows = vectors(lengths, shape)
    ragged = Ragged.from_lists(rows, "float32", shape)
    assert (ragged.shape, ragged.flat.shape, ragged.flat.dtype) == (shape, (sum(lengths), *shape), np.float32)
    order = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8)), dtype=np.int64)
    fill, value = data.draw(st.integers(0, 2)), data.draw(st.sampled_from([0, -1, 7]))
    length = max((lengths[i] for i in order), default=0) + data.draw(st.integers(0, 3))
    expected = np.full((len(order) + fill, length, *shape), value, dtype=np.float32)
    for place, row in enumerate(order):
        expected[place, : lengths[row]] = rows[row]
    found = ragged.padded(order, length, fill, value)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32
    for one, row in zip(ragged.take(order), order, strict=True):
        np.testing.assert_array_equal(one, rows[row])
    assert ragged.take(order).shape == shape


@given(ROWS.filter(bool), st.integers(-3, 3))
def test_ids_are_padded_with_the_value_that_is_asked_for(rows: list[list[int]], value: int) -> None:
    length = max(map(len, rows))
    found = Ragged.from_lists(rows).padded(np.arange(len(rows)), length, 1, value)
    assert found.tolist() == [row + [value] * (length - len(row)) for row in (*rows, [])]


@pytest.mark.parametrize("strange", [np.nan, np.inf])
def test_no_number_of_a_neighbour_reaches_the_padding(strange: float) -> None:
    ragged = Ragged.from_lists([[[1.0, 2.0]], [[strange] * 2] * 4], "float32", (2,))
    assert ragged.padded(np.array([0]), 4).tolist() == [[[1, 2]] + [[0, 0]] * 3]


def test_no_sequences_of_vectors_keep_the_shape_of_a_step() -> None:
    empty = Ragged.from_lists([], "float32", (3,))
    assert (len(empty), empty.shape, empty.flat.dtype) == (0, (3,), np.float32)
    assert empty.padded(np.array([], dtype=np.int64), 5, 2).shape == (2, 5, 3)
    assert empty.take(np.array([], dtype=np.int64)).shape == (3,)
