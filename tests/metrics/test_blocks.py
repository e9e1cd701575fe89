import numpy as np
import pytest

from kerasseq.metrics.blocks import block_length, in_blocks
from kerasseq.metrics.bootstrap import bootstrap_scores, resample_indices


def drawn(rows, length, index):
    """The rows that a measure in blocks is asked for."""
    seen = []

    def measure(rows):
        seen.append(rows)
        return {"mean": rows.mean(axis=1)}

    in_blocks(measure, rows, length)(index)
    return seen[0]


@pytest.mark.parametrize("length", [1, 2, 3, 7, 10])
def test_all_rows_in_their_order_stay_so(length):
    assert drawn(10, length, np.arange(10)[None]).tolist() == [list(range(10))]


def test_blocks_of_one_are_the_rows_themselves():
    index = np.array([[3, 1, 4, 1, 5]])
    assert drawn(6, 1, np.array([[3, 1, 4, 1, 5, 2]])).tolist() == [[3, 1, 4, 1, 5, 2]]
    assert drawn(5, 2, index % 5).tolist() == [[3, 4, 4, 0, 0]]


def test_every_draw_consists_of_runs_of_neighbours_and_every_row_is_drawn_equally_often():
    rows, length = 24, 6
    index = next(resample_indices(rows, 4000, seed=0))
    found = drawn(rows, length, index)
    runs = found.reshape(4000, -1, length)
    assert (np.diff(runs, axis=2) % rows == 1).all()
    counts = np.bincount(found.ravel(), minlength=rows) / found.size
    assert counts == pytest.approx(np.full(rows, 1 / rows), rel=0.05)


def test_intervals_of_rows_that_hang_together_are_as_wide_as_they_should_be():
    # The mean of an AR(1) series varies (1 + 0.8) / (1 - 0.8) = 9 times as much as that of white noise
    generator = np.random.default_rng(0)
    noise = generator.normal(size=4000)
    series = np.zeros(4000)
    for i in range(1, 4000):
        series[i] = 0.8 * series[i - 1] + noise[i]

    def measure(index):
        return {"mean": series[index].mean(axis=1)}

    widths = {}
    for length in (1, 50):
        [score] = bootstrap_scores(in_blocks(measure, 4000, length), 4000, {}, resamples=500, confidence=0.95, seed=0)
        widths[length] = score.high - score.low
    true = 2 * 1.96 * np.sqrt(1 / (1 - 0.8) ** 2 / 4000)
    assert widths[50] == pytest.approx(true, rel=0.2)
    assert widths[1] < 0.5 * true


def test_the_length_of_a_block_is_the_cube_root_and_no_less_than_the_horizon():
    assert [block_length(n) for n in (1, 2, 8, 9, 27, 28, 1000)] == [1, 2, 2, 3, 3, 4, 10]
    assert block_length(365, horizon=30) == 30
    assert block_length(3, horizon=12) == 3


@pytest.mark.parametrize("length", [0, 6])
def test_a_block_that_cannot_be_is_refused(length):
    with pytest.raises(ValueError, match=rf"length must be in \[1, 5\], got {length}"):
        in_blocks(lambda index: {}, 5, length)
