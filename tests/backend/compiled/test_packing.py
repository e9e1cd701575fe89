"""Packed steps and back, against plain loops."""

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("compiled loops are for torch", allow_module_level=True)
pytest.importorskip("numba")

from kerasseq.backend.compiled import packing

MASK = np.array([[1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 1, 1], [0, 1, 0, 0], [1, 1, 1, 1]], dtype=bool)
X = np.arange(20 * 2, dtype=np.float32).reshape(20, 2)


@pytest.mark.parametrize("backwards", [False, True])
def test_blocks_hold_the_next_valid_step_of_each_row_longest_first(backwards: bool) -> None:
    rows, lengths, offsets, source = packing.order(MASK, 0, 1, backwards)
    assert (rows.tolist(), lengths.tolist(), offsets.tolist()) == ([4, 2, 0, 3, 1], [4, 3, 2, 1, 0], [0, 4, 7, 9, 10])
    for i, row in enumerate(rows):
        valid = np.flatnonzero(MASK[row])[:: -1 if backwards else 1]
        assert [source[offsets[t] + i] for t in range(lengths[i])] == (row * 4 + valid).tolist()
    np.testing.assert_array_equal(packing.pack(X, source), X[source])


def test_a_thread_takes_every_second_row() -> None:
    assert sorted(packing.order(MASK, 1, 2, False)[0].tolist()) == [1, 3]


@pytest.mark.parametrize("zero_masked", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_answers_stand_where_they_were_read(backwards: bool, zero_masked: bool) -> None:
    rows, lengths, offsets, source = packing.order(MASK, 0, 1, backwards)
    packed = packing.pack(X + 1, source)
    found = np.empty((5, 4, 2), dtype=np.float32)
    packing.gather(packed, offsets, rows, MASK, backwards, zero_masked, found, 0, False)
    for row in range(5):
        newest = np.zeros(2)
        for step in range(4):
            t = 3 - step if backwards else step
            newest = X[row * 4 + t] + 1 if MASK[row, t] else newest
            expected = newest if MASK[row, t] or not zero_masked else 0 * newest
            np.testing.assert_array_equal(found[row, step], expected)
    last = np.empty((5, 2), dtype=np.float32)
    packing.last(packed, offsets, rows, lengths, np.full((5, 2), 7, np.float32), last)
    for row in range(5):
        valid = np.flatnonzero(MASK[row])
        np.testing.assert_array_equal(
            last[row], X[row * 4 + valid[0 if backwards else -1]] + 1 if len(valid) else [7, 7]
        )


@pytest.mark.parametrize("backwards", [False, True])
def test_two_directions_stand_side_by_side_as_in_the_text(backwards: bool) -> None:
    rows, _, offsets, source = packing.order(MASK, 0, 1, backwards)
    packed = packing.pack(X + 1, source)
    read, both = np.empty((5, 4, 2), dtype=np.float32), np.full((5, 4, 5), 7, dtype=np.float32)
    packing.gather(packed, offsets, rows, MASK, backwards, False, read, 0, False)
    packing.gather(packed, offsets, rows, MASK, backwards, False, both, 2, True)
    np.testing.assert_array_equal(both[:, :, 2:4], read[:, ::-1] if backwards else read)
    assert (both[:, :, [0, 1, 4]] == 7).all()
    last, ends = np.empty((5, 1, 2), dtype=np.float32), np.empty((5, 1, 5), dtype=np.float32)
    packing.gather(packed, offsets, rows, MASK, backwards, False, last, 0, False)
    packing.gather(packed, offsets, rows, MASK, backwards, False, ends, 2, True)
    np.testing.assert_array_equal(ends[:, :, 2:4], last)
    d = np.random.default_rng(0).normal(size=(5, 4, 5)).astype(np.float32)
    one, other = np.zeros_like(packed), np.zeros_like(packed)
    packing.gather_gradient(d, offsets, rows, MASK, backwards, False, one, 2, True)
    turned = np.ascontiguousarray((d[:, ::-1] if backwards else d)[:, :, 2:4])
    packing.gather_gradient(turned, offsets, rows, MASK, backwards, False, other, 0, False)
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_gradient_of_gathering_is_its_transpose() -> None:
    random = np.random.default_rng(0)
    rows, _, offsets, source = packing.order(MASK, 0, 1, False)
    packed = packing.pack(X, source)
    d = random.normal(size=(5, 4, 2)).astype(np.float32)
    found = np.zeros_like(packed)
    packing.gather_gradient(d, offsets, rows, MASK, False, False, found, 0, False)
    for p in range(len(packed)):
        one = np.zeros_like(packed)
        one[p, 0] = 1
        out = np.empty((5, 4, 2), dtype=np.float32)
        packing.gather(one, offsets, rows, MASK, False, False, out, 0, False)
        np.testing.assert_allclose(found[p, 0], (out * d).sum(), atol=1e-6)


def test_each_step_begins_with_the_state_before_it() -> None:
    rows, _, offsets, source = packing.order(MASK, 0, 1, False)
    packed = packing.pack(X, source)
    start = -np.ones((5, 2), dtype=np.float32)
    found = packing.before(np.concatenate([start, packed]), offsets, 5)
    for t in range(4):
        for i in range(offsets[t + 1] - offsets[t]):
            expected = packed[offsets[t - 1] + i] if t else start[i]
            np.testing.assert_array_equal(found[offsets[t] + i], expected)
