import numpy as np
import pytest

from kerasseq.runtime.answers import read_answers


class File:
    """A session whose outputs are given; it remembers what it was asked."""

    def __init__(self, **outputs):
        self.outputs = outputs
        self.asked = []

    def run(self, names, feeds, options=None):
        self.asked.append((names, feeds))
        return [self.outputs[name] for name in names]


def test_answers_without_steps_come_as_the_file_gives_them():
    label, shares = np.array(["a", "b"], dtype=object), np.array([[0.5, 0.5], [0.25, 0.75]])
    file = File(label=label, probabilities=shares, tokens=np.array([9, 9]))
    feeds = {"text": np.array(["x", "y"], dtype=object)}
    found = read_answers(file, {"label": ["batch"], "probabilities": ["batch", 2]}, feeds)
    assert list(found) == ["label", "probabilities"]
    assert found["label"] is label and found["probabilities"] is shares
    assert file.asked == [(["label", "probabilities"], feeds)]


@pytest.mark.parametrize("size", [(), (2,)])
def test_one_value_a_step_is_cut_to_the_steps_of_its_row(size):
    values = np.random.default_rng(0).normal(size=(3, 4, *size))
    scores = np.array([0.1, 0.2, 0.3])
    file = File(weights=values, score=scores, length=np.array([2, 0, 4]))
    found = read_answers(file, {"weights": ["batch", "time", *size], "score": ["batch"]}, {})
    assert set(found) == {"weights", "score"}
    assert [row.shape for row in found["weights"]] == [(2, *size), (0, *size), (4, *size)]
    for row, whole in zip(found["weights"], values, strict=True):
        np.testing.assert_array_equal(row, whole[: len(row)])
    assert found["score"] is scores
    assert file.asked[0][0] == ["weights", "score", "length"]


def test_no_rows_get_no_answers():
    file = File(tags=np.zeros((0, 1), dtype=object), length=np.zeros(0, dtype=np.int64))
    assert read_answers(file, {"tags": ["batch", "time"]}, {}) == {"tags": []}
