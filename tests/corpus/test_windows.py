import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasseq.corpus.window_table import window_table
from kerasseq.corpus.windows import chronological, cut_windows
from kerasseq.errors import DataError


def steps_of(array):
    """Windows of a series whose value is its step."""
    return array[..., 0].astype(int)


@given(
    st.integers(20, 120),
    st.sampled_from([(0.1, 0.1), (0.0, 0.2), (0.2, 0.0), (0.3, 0.3)]),
    st.integers(1, 8),
    st.integers(1, 4),
)
def test_no_window_sees_its_future_and_no_target_lies_on_another_side(length, shares, window, horizon):
    series = np.arange(length, dtype=float)[:, None]
    parts = chronological(length, *shares)
    try:
        cut = cut_windows(series, parts, window, horizon)
    except DataError:
        assert any(part and len(part) < horizon + (side == "train") * window for side, part in parts.items())
        return
    covered = set()
    for side, windows in cut.items():
        assert windows.inputs.shape == (len(windows), window, 1)
        assert windows.targets.shape == (len(windows), horizon, 1)
        for inputs, targets, first in zip(
            steps_of(windows.inputs), steps_of(windows.targets), windows.first, strict=True
        ):
            assert inputs.tolist() == list(range(first - window, first))
            assert targets.tolist() == list(range(first, first + horizon))
            assert {*targets.tolist()} <= {*parts[side]}
            if side == "train":
                assert {*inputs.tolist()} <= {*parts["train"]}
            covered.update(targets.tolist())
    # Nothing is thrown away but what the first window needs
    assert covered == set(range(window, length))


def test_a_test_window_may_look_back_into_the_parts_before_it():
    cut = cut_windows(np.arange(10.0)[:, None], chronological(10, 0.2, 0.2), window=4, horizon=2)
    assert steps_of(cut["test"].inputs).tolist() == [[4, 5, 6, 7]]
    assert steps_of(cut["test"].targets).tolist() == [[8, 9]]


def test_windows_are_views_of_the_series_and_cannot_be_written_to():
    series = np.arange(1000.0)[:, None]
    cut = cut_windows(series, {"train": range(1000)}, window=100, horizon=10)
    assert np.shares_memory(cut["train"].inputs, series)
    with pytest.raises(ValueError, match="read-only"):
        cut["train"].inputs[0, 0, 0] = 1


def test_several_dimensions_keep_their_places():
    series = np.stack([np.arange(6.0), -np.arange(6.0)], axis=1)
    cut = cut_windows(series, {"train": range(6)}, window=2, horizon=1)
    assert cut["train"].inputs[1].tolist() == [[1, -1], [2, -2]]
    assert cut["train"].targets[1].tolist() == [[3, -3]]


def test_a_short_series_is_refused_with_its_numbers():
    with pytest.raises(DataError, match=r"at least window \+ horizon = 6 \+ 3 steps, got 8"):
        cut_windows(np.zeros((8, 1)), {"train": range(8)}, 6, 3)


def test_a_short_series_of_a_file_is_refused_by_its_name():
    table = pa.table({"values": [[1.0], [2.0]], "source": ["steps.csv"] * 2, "line": [2, 3]})
    with pytest.raises(DataError, match=r"^steps.csv: must have at least window \+ horizon = 2 \+ 1 steps, got 2"):
        window_table(table, window=2, horizon=1, validation=0, test=0)


def test_every_part_without_a_window_is_named_with_what_it_needs():
    with pytest.raises(DataError) as caught:
        cut_windows(np.zeros((20, 1)), chronological(20, 0.3, 0.1), window=10, horizon=5)
    assert str(caught.value).splitlines() == [
        "split: train must have at least 15 steps, 10 for the window and 5 for the horizon, got 12; raise its share",
        "split: test must have at least 5 steps, 5 for the horizon, got 2; raise its share",
    ]


def test_shares_without_a_step_are_refused():
    with pytest.raises(DataError, match="validation must have steps, got 0 of 4 at a share of 0.1"):
        chronological(4, 0.1, 0.5)
    with pytest.raises(DataError, match="train must have steps, got none of 2"):
        chronological(2, 0.5, 0.5)
    assert chronological(10, 0.0, 0.0)["test"] == range(10, 10)
