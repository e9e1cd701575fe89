"""A side of the split as numbers, and the batches it gives."""

import numpy as np
import pytest
from kerasseq.corpus.encoded import EncodedCorpus

from kerasseq.arrays.ragged import Ragged

ROWS = [[5, 6, 7], [], [3] * 9, [2]]


def corpus(*inputs: list[list[int]]) -> EncodedCorpus:
    count = len(inputs[0])
    return EncodedCorpus(
        tuple(Ragged.from_lists(rows) for rows in inputs),
        np.arange(count) * 10,
        np.linspace(1, 2, count, dtype=np.float32),
    )


def test_a_batch_is_right_padded_to_a_multiple_of_8() -> None:
    batch = corpus(ROWS).batch(np.array([0, 2]))
    assert [t.shape for t in batch.tokens] == [(2, 16)]
    assert batch.tokens[0].dtype == np.int32
    assert batch.tokens[0].tolist() == [[5, 6, 7] + [0] * 13, [3] * 9 + [0] * 7]
    assert batch.targets.tolist() == [0, 20]
    assert batch.weights.tolist() == pytest.approx([1, 5 / 3])
    assert batch.rows.tolist() == [0, 2]


def test_an_empty_text_still_has_8_steps() -> None:
    assert corpus(ROWS).batch(np.array([1])).tokens[0].tolist() == [[0] * 8]


@pytest.mark.parametrize(("rows", "expected"), [([0], 8), ([2], 16), ([0, 1, 2, 3], 16)])
def test_of_allowed_lengths_the_smallest_that_fits_is_taken(rows: list[int], expected: int) -> None:
    assert corpus(ROWS).batch(np.array(rows), (8, 16, 32)).tokens[0].shape == (len(rows), expected)


def test_a_text_that_fits_no_allowed_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="at most 8 tokens, got 9"):
        corpus(ROWS).batch(np.array([2]), (8,))


def test_fillers_are_padding_of_no_weight() -> None:
    batch = corpus(ROWS).batch(np.array([3, 0]), size=4)
    assert batch.tokens[0][2:].tolist() == [[0] * 8] * 2
    assert batch.targets.tolist() == [30, 0, 30, 30]
    assert batch.weights.tolist() == [2, 1, 0, 0]
    assert batch.rows.tolist() == [3, 0]


def test_inputs_of_a_pair_are_padded_apart_unless_lengths_are_few() -> None:
    pair = corpus(ROWS, [[1], [1], [1], [1] * 20])
    assert [t.shape for t in pair.batch(np.array([2, 3])).tokens] == [(2, 16), (2, 24)]
    assert [t.shape for t in pair.batch(np.array([0, 3]), (8, 32)).tokens] == [(2, 32)] * 2
    assert pair.lengths.tolist() == [3, 1, 9, 20]
    assert pair.tokens(np.array([2, 3])) == 9 + 1 + 1 + 20


def test_its_length_is_the_number_of_rows() -> None:
    assert len(corpus(ROWS)) == 4
