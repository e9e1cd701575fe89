"""Sequences of rows of a table: they read as the sequences that hold the rows themselves."""

import numpy as np

from kerasseq.arrays.looked_up import LookedUp
from kerasseq.arrays.ragged import Ragged

TABLE = np.array([[0, 0], [0, 0], [0, 0], [7, 0], [8, 9]], dtype="int32")
PLACES = np.array([3, 4, 4, 2, 3], dtype="int32")
OFFSETS = np.array([0, 2, 2, 5])
SHORT = LookedUp(PLACES, OFFSETS, TABLE, 3)
LONG = Ragged(np.pad(TABLE, [(0, 0), (0, 1)])[PLACES], OFFSETS)


def test_every_way_to_read_gives_the_rows_of_the_table() -> None:
    assert (len(SHORT), SHORT.shape, SHORT.lengths.tolist()) == (3, (3,), [2, 0, 3])
    for row in range(3):
        np.testing.assert_array_equal(SHORT[row], LONG[row])
    some = np.array([2, 1, 0])
    np.testing.assert_array_equal(SHORT.padded(some, 4, fill=1), LONG.padded(some, 4, fill=1))
    assert SHORT.padded(some, 4).dtype == np.int32


def test_taken_rows_keep_the_table() -> None:
    some = np.array([2, 0])
    taken = SHORT.take(some)
    assert taken.table is SHORT.table and len(taken.flat) == 5
    np.testing.assert_array_equal(taken.padded(np.arange(2), 3), LONG.take(some).padded(np.arange(2), 3))
