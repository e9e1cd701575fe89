"""Which rows go together, and in which order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.corpus.batches import BucketSampler, sorted_batches

LENGTHS = np.random.default_rng(0).integers(1, 65, 333)


def order(sampler: BucketSampler) -> list[list[int]]:
    return [rows.tolist() for rows in sampler.batches()]


@given(st.integers(0, 100), st.integers(1, 20), st.integers(0, 5), st.integers(0, 3))
def test_every_row_comes_once_in_an_epoch(count: int, batch_size: int, pool: int, epoch: int) -> None:
    sampler = BucketSampler(LENGTHS[:count], batch_size, pool, seed=1)
    for _ in range(epoch):
        sampler.next_epoch()
    batches = order(sampler)
    assert sorted(row for rows in batches for row in rows) == list(range(count))
    assert len(batches) == -(-count // batch_size)
    assert sorted(len(rows) for rows in batches)[1:] == [batch_size] * (len(batches) - 1)


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    first, second = (BucketSampler(LENGTHS, 8, 4, seed=1) for _ in range(2))
    assert order(first) == order(first) == order(second)
    assert order(BucketSampler(LENGTHS, 8, 4, seed=2)) != order(first)
    second.next_epoch()
    assert order(first) != order(second)


def test_a_restored_sampler_goes_on_where_the_saved_one_stood() -> None:
    sampler = BucketSampler(LENGTHS, 8, 4, seed=1)
    sampler.next_epoch()
    sampler.next_epoch()
    other = BucketSampler(LENGTHS, 8, 4, seed=1)
    other.load_state_dict(sampler.state_dict())
    assert order(other) == order(sampler)
    assert other.epoch == 2


@pytest.mark.parametrize("pool", [1, 10, 50])
def test_pools_reduce_the_padding(pool: int) -> None:
    def padded(batches: list[list[int]]) -> int:
        return sum(int(LENGTHS[rows].max()) * len(rows) for rows in batches)

    random, bucketed = (order(BucketSampler(LENGTHS, 8, p, seed=0)) for p in (0, pool))
    if pool == 1:
        assert padded(bucketed) == pytest.approx(padded(random), rel=0.05)
    else:
        assert padded(bucketed) < 0.75 * padded(random)
        assert padded(bucketed) >= LENGTHS.sum()


def test_batches_of_like_length_come_in_random_order() -> None:
    means = [LENGTHS[rows].mean() for rows in order(BucketSampler(LENGTHS, 8, 50, seed=0))]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.5


def test_for_prediction_rows_are_sorted_over_the_whole_corpus() -> None:
    batches = sorted_batches(LENGTHS, 10)
    rows = np.concatenate(batches)
    assert sorted(rows.tolist()) == list(range(len(LENGTHS)))
    assert (np.diff(LENGTHS[rows]) >= 0).all()
    assert [len(b) for b in batches] == [10] * 33 + [3]
