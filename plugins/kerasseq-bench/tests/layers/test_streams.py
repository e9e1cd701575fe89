import numpy as np
import pytest
from kerasseq_bench.layers.cells import BATCH, VOCABULARY
from kerasseq_bench.layers.streams import Plan, draw_lengths, make_stream, pad, random_batches, representative

from kerasseq.corpus.batches import BucketSampler, sorted_batches


def bucketed(stream):
    return BucketSampler(stream.lengths, BATCH, 50, 0).batches()


def sort(stream):
    return sorted_batches(stream.lengths, BATCH)


@pytest.mark.parametrize("count", [4, 8, 16])
@pytest.mark.parametrize(("batches", "multiple"), [(random_batches, 1), (random_batches, 8), (bucketed, 8), (sort, 8)])
@pytest.mark.parametrize("kind", ["equal", "imdb", "tweets"])
def test_timed_batches_have_the_mean_length_of_the_epoch_within_one_percent(kind, batches, multiple, count):
    stream = make_stream(kind)
    plan = Plan.of(stream, batches(stream), multiple)
    chosen = representative(plan, count)
    assert len(set(chosen)) == count
    rows = np.concatenate([plan.batches[i] for i in chosen])
    assert stream.lengths[rows].mean() == pytest.approx(stream.lengths.mean(), rel=0.01)
    grain = multiple * BATCH / count  # no sum of whole batches comes closer than half of it
    assert plan.padded[chosen].mean() == pytest.approx(plan.padded.mean(), rel=0.01, abs=grain / 2)


def test_a_sample_of_an_epoch_holds_short_and_long_batches():
    stream = make_stream("imdb")
    plan = Plan.of(stream, sort(stream), 8)
    steps = plan.padded[representative(plan, 8)] / BATCH
    assert steps.min() < 120
    assert steps.max() == 400


def test_more_batches_than_there_are_means_all():
    stream = make_stream("tweets", texts=3 * BATCH)
    plan = Plan.of(stream, random_batches(stream))
    assert representative(plan, 10) == [0, 1, 2]


def test_a_stream_is_the_same_each_time_and_knows_no_padding():
    one, two = make_stream("tweets", 640), make_stream("tweets", 640)
    assert np.array_equal(one.flat, two.flat)
    assert np.array_equal(one.offsets, two.offsets)
    assert one.flat.min() >= 1
    assert one.flat.max() < VOCABULARY
    frequent = np.mean(one.flat <= 10)
    assert 0.15 < frequent < 0.35  # by Zipf's law ln(11) / ln(20000) = 24 %


def test_lengths_have_the_quartiles_that_the_docstring_names():
    random = np.random.default_rng(0)
    imdb = draw_lengths("imdb", 100_000, random)
    assert np.percentile(imdb, [25, 50, 75]) == pytest.approx([142, 217, 330], abs=2)
    assert np.mean(imdb == 400) == pytest.approx(0.16, abs=0.01)
    tweets = draw_lengths("tweets", 100_000, random)
    assert np.percentile(tweets, [1, 25, 50, 75, 99]) == pytest.approx([4, 19, 24, 30, 44], abs=1)
    assert set(draw_lengths("equal", 10, random)) == {64}


def test_padding_puts_zeros_behind_each_text():
    stream = make_stream("tweets", 640)
    rows = np.array([3, 99, 5])
    tokens = pad(stream, rows)
    assert tokens.shape == (3, stream.lengths[rows].max())
    for row, text in zip(rows, tokens, strict=True):
        length = stream.lengths[row]
        assert np.array_equal(text[:length], stream.flat[stream.offsets[row] : stream.offsets[row + 1]])
        assert not text[length:].any()
    assert pad(stream, rows, 8).shape[1] % 8 == 0


def test_a_plan_counts_valid_and_padded_tokens():
    stream = make_stream("tweets", 2 * BATCH)
    plan = Plan.of(stream, random_batches(stream), 8)
    assert plan.valid.sum() == stream.lengths.sum()
    assert plan.padded.tolist() == [pad(stream, rows, 8).size for rows in plan.batches]
