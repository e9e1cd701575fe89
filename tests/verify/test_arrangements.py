import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.text import Texts
from kerasseq.verify.arrangements import EXTRA, arrangements, shuffled
from kerasseq.verify.sample import Sample

RANDOM = np.random.default_rng(0)
LENGTHS = [0, 3, 7, 3, 12, 1, 3, 5, 9]


def sample(inputs):
    ragged = tuple(
        Ragged.from_lists([RANDOM.integers(1, 50, n).tolist() for n in np.roll(LENGTHS, shift)])
        for shift in range(inputs)
    )
    return Sample(Texts(["x"] * 9), ragged, np.arange(9), (), 1.0, "float32", "")


@pytest.fixture(params=[1, 2])
def asked(request):
    return sample(request.param)


def rows_of(placed, number):
    """Row of the sample -> its tokens without padding, of the rows that are kept."""
    tokens = placed.batch.tokens[number][placed.kept]
    return {int(row): ids[ids > 0].tolist() for row, ids in zip(placed.batch.rows[placed.kept], tokens, strict=True)}


@pytest.mark.parametrize("way", ["right", "left", "none", "extra", "neighbours"])
def test_every_way_holds_the_texts_as_they_are(asked, way):
    batches = arrangements(asked)[way]
    for number, ragged in enumerate(asked.inputs):
        found = [item for placed in batches for item in rows_of(placed, number).items()]
        assert all(ids == ragged[row].tolist() for row, ids in found)
        held = sorted(row for row, _ in found)
        assert held == list(range(9)) if way != "none" else len(held) == len(set(held))


def test_padding_stands_where_the_name_says(asked):
    ways = arrangements(asked)
    for number, ragged in enumerate(asked.inputs):
        right, left, extra = (ways[way][0].batch.tokens[number] for way in ("right", "left", "extra"))
        for row, length in enumerate(ragged.lengths):
            assert not right[row, length:].any()
            assert not left[row, : 12 - length].any()
        assert (right.shape[1], left.shape[1], extra.shape[1]) == (12, 12, 12 + EXTRA)
        assert all(placed.batch.tokens[number].all() for placed in ways["none"])
    assert ways["left"][0].left and not ways["right"][0].left


def test_batches_without_padding_are_few_and_hold_the_commonest_length():
    groups = arrangements(sample(1))["none"]
    assert [placed.batch.tokens[0].shape for placed in groups] == [(1, 1), (3, 3), (1, 5), (1, 12)]


def test_texts_that_are_all_empty_have_no_batch_without_padding():
    empty = Sample(Texts(["", ""]), (Ragged.from_lists([[], []]),), np.zeros(2), (), 1.0, "float32", "")
    ways = arrangements(empty)
    assert ways["none"] == []
    assert ways["right"][0].batch.tokens[0].shape == (2, 1)


def test_neighbours_are_strangers(asked):
    right = arrangements(asked)["right"][0].batch.tokens[0]
    halves = arrangements(asked)["neighbours"]
    assert [placed.kept.sum() for placed in halves] == [5, 4]
    for placed in halves:
        tokens = placed.batch.tokens[0]
        assert all((tokens[row] != right[row]).any() for row in np.flatnonzero(~placed.kept))


def test_targets_go_with_their_texts(asked):
    for batches in arrangements(asked).values():
        for placed in batches:
            np.testing.assert_array_equal(placed.batch.targets, asked.targets[placed.batch.rows])


def test_the_other_order_holds_every_text_once_and_is_another():
    order = shuffled(67)
    assert sorted(order) == list(range(67)) and (order != np.arange(67)).any()
