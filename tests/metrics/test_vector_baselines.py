import numpy as np
import pytest

from kerasseq.datasets.vector_column import from_column
from kerasseq.datasets.vectors import Vectors
from kerasseq.metrics.vector_baselines import (
    summary,
    vector_classification_baselines,
    vector_regression_baselines,
)

RNG = np.random.default_rng(0)


def test_the_summary_is_mean_deviation_first_and_last():
    lengths = [3, 1, 7]
    sequences = [RNG.normal(1e4, 1, (n, 2)) for n in lengths]
    found = summary(np.concatenate(sequences).astype(np.float64), np.cumsum([0, *lengths]))
    for row, sequence in zip(found, sequences, strict=True):
        expected = [*sequence.mean(axis=0), *sequence.std(axis=0), *sequence[0], *sequence[-1]]
        assert row == pytest.approx(expected, rel=1e-9)
    assert summary(np.zeros((0, 2)), np.array([0])).shape == (0, 8)


def test_the_linear_model_learns_what_the_mean_tells_and_majority_does_not():
    truth = RNG.integers(0, 3, 90)
    features = np.eye(3)[truth] + 0.1 * RNG.normal(size=(90, 3))
    found = vector_classification_baselines(features[:60], truth[:60], features[60:], 4)
    assert (found["linear"].argmax(axis=1) == truth[60:]).mean() > 0.95
    assert found["linear"].shape == found["majority"].shape == (30, 4)
    assert (found["linear"][:, 3] == 0).all()
    assert found["majority"][0] == pytest.approx(np.bincount(truth[:60], minlength=4) / 60)


def test_the_ridge_learns_a_slope_and_mean_does_not():
    features = RNG.normal(size=(80, 4))
    truth = 100 + 5 * features[:, 2]
    found = vector_regression_baselines(features[:60], truth[:60], features[60:])
    assert found["linear"] == pytest.approx(truth[60:], abs=0.2)
    assert found["mean"] == pytest.approx(np.full(20, truth[:60].mean()))


def test_one_class_few_rows_and_no_test_rows_have_an_answer():
    features = RNG.normal(size=(4, 4))
    found = vector_classification_baselines(features, np.ones(4, dtype=np.int64), features, 2)
    assert found["linear"].tolist() == [[0, 1]] * 4
    assert vector_classification_baselines(features, np.array([0, 1, 0, 1]), features[:0], 2)["linear"].shape == (0, 2)
    assert np.isfinite(vector_regression_baselines(features, np.arange(4.0), features)["linear"]).all()
    assert vector_regression_baselines(features, np.arange(4.0), features[:0])["linear"].shape == (0,)


def test_lengths_that_disagree_are_refused():
    with pytest.raises(ValueError, match="one length from 1, got 2 and 3"):
        vector_classification_baselines(np.zeros((2, 4)), np.zeros(3, dtype=np.int64), np.zeros((1, 4)), 2)


@pytest.mark.realdata
def test_speakers_of_japanese_vowels_are_told_apart_as_measured(realdata):
    folder = realdata / "japanese_vowels"
    files = {side: str(folder / f"JapaneseVowels_{side.upper()}.ts") for side in ("train", "test")}
    table = Vectors(**files).build()
    features = summary(*from_column(table["vectors"]))
    train = np.array(table["split"].to_pylist()) == "train"
    truth = np.array([int(name) - 1 for name in table["target"].to_pylist()])
    found = vector_classification_baselines(features[train], truth[train], features[~train], 9)
    accuracy = {name: (p.argmax(axis=1) == truth[~train]).mean() for name, p in found.items()}
    assert accuracy["linear"] == pytest.approx(364 / 370, abs=2 / 370)
    assert accuracy["majority"] < 0.15
