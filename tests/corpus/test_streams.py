"""Tokens that run on: every token once, and pieces that go on where the one before ended."""

import numpy as np
import pytest

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.streams import BLOCK, WARM, Piece, Streams


def streams(lengths, joined=True, bptt=4):
    ragged = Ragged(np.arange(1, sum(lengths) + 1, dtype=np.int32), np.concatenate([[0], np.cumsum(lengths)]))
    following = Ragged(ragged.flat + 1, ragged.offsets)
    return Streams({"tokens": ragged, "next": following}, following, bptt=bptt, joined=joined)


def read(some, pieces):
    """Every token that the pieces hold, row by row of a batch, as one list a row; a new one where a state begins."""
    runs = []
    for piece in pieces:
        batch = some.batch(piece)
        if not piece.continues:
            first = len(runs)
            runs += [[] for _ in piece.starts]
        for row, tokens in enumerate(batch.inputs["tokens"]):
            runs[first + row] += [int(token) for token in tokens if token]
    return runs


def test_a_piece_says_of_which_rows_it_is():
    some = streams([3, 0, 4, 2])
    piece = Piece(np.array([1, 8]), np.array([5, 11]), False, np.zeros(2, dtype=np.int64))  # the ring goes on at 9
    assert some.rows_of(piece).tolist() == [0, 2, 3]
    apart = streams([3, 0, 4], joined=False)
    found = [apart.rows_of(piece).tolist() for piece in apart.sampler(2, 0, seed=1).batches()]
    assert sorted(row for rows in found for row in rows) == [0, 2]


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_lanes_read_every_token_once_and_go_on_where_the_piece_before_ended(epoch):
    some = streams([30, 0, 21, 52])
    sampler = some.sampler(4, 0, seed=3)
    for _ in range(epoch):
        sampler.next_epoch()
    lanes = read(some, sampler.batches())
    assert sorted(token for lane in lanes for token in lane) == list(range(1, 104))
    assert len(lanes) == 4
    for lane in lanes:  # the ring goes on at its beginning
        assert all(b == a % 103 + 1 for a, b in zip(lane, lane[1:], strict=False))


def test_each_epoch_begins_somewhere_else_and_a_resumed_one_begins_where_it_had():
    some = streams([103])
    sampler = some.sampler(4, 0, seed=3)
    first = read(some, sampler.batches())
    sampler.next_epoch()
    second = read(some, sampler.batches())
    again = some.sampler(4, 0, seed=3)
    again.load_state_dict(sampler.state_dict())
    assert first != second
    assert read(some, again.batches()) == second


def test_there_are_no_more_lanes_than_pieces_of_full_length():
    assert [len(p.starts) for p in streams([9]).sampler(16, 0, seed=0).batches()][0] == 2
    assert [len(p.starts) for p in streams([2]).sampler(16, 0, seed=0).batches()] == [1]


def test_documents_that_stay_apart_are_read_from_their_beginning_piece_by_piece():
    some = streams([3, 10, 1, 6, 0], joined=False)
    runs = read(some, some.sampler(2, 8, seed=1).batches())
    assert sorted(run for run in runs if run) == [[1, 2, 3], list(range(4, 14)), [14], list(range(15, 21))]


def test_what_is_behind_the_end_of_a_row_counts_nothing():
    some = streams([3, 10], joined=False)
    pieces = some.sampler(2, 8, seed=1).batches()
    assert [piece.continues for piece in pieces] == [False, True, True]
    last = some.batch(pieces[-1])
    assert sorted(last.weights.tolist()) == [0, 2]
    assert (last.targets[last.inputs["tokens"] == 0] == -1).all()
    assert last.continues


def test_a_batch_may_be_filled_up_to_a_size_that_compiles_once():
    batch = streams([10]).batch(Piece(np.array([0]), np.array([2]), False, np.array([0])), lengths=(8,), size=3)
    assert batch.inputs["tokens"].tolist() == [[1, 2, 0, 0], [0] * 4, [0] * 4]
    assert batch.targets.tolist() == [[2, 3, -1, -1], [-1] * 4, [-1] * 4]
    assert batch.weights.tolist() == [2, 0, 0]
    assert batch.rows.tolist() == [0]


@pytest.mark.parametrize(("lengths", "joined"), [([3, 10, 1], False), ([BLOCK + 50, 30, 2 * BLOCK], True)])
def test_measuring_counts_every_token_once(lengths, joined):
    some = streams(lengths, joined, bptt=100)
    counted = []
    for piece in some.passes(2):
        batch = some.batch(piece)
        for row, tokens in enumerate(batch.inputs["tokens"]):
            counted += [int(token) for token in tokens[piece.skipped[row] :] if token]
    assert sorted(counted) == list(range(1, sum(lengths) + 1))


def test_a_block_is_measured_on_a_state_that_has_read_what_stands_before_it():
    some = streams([2 * BLOCK], bptt=100)
    [first, *_] = some.passes(8)
    assert first.starts.tolist() == [0, BLOCK - WARM]
    assert first.skipped.tolist() == [0, 100]


def test_whole_rows_are_a_batch_too():
    batch = streams([2, 3], joined=False).batch(np.array([1, 0]))
    assert batch.inputs["tokens"].tolist() == [[3, 4, 5], [1, 2, 0]]
    assert not batch.continues
