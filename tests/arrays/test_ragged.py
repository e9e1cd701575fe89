"""Sequences of unequal length as one flat array."""

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
