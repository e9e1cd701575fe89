"""The operators on steps, beside their equations in NumPy."""

import numpy as np
import onnxruntime
import pytest

from kerasseq.onnx_graph.graph import Graph, Inexpressible

LENGTHS = np.array([0, 1, 3, 5])
X = np.random.default_rng(0).normal(size=(4, 5, 3)).astype(np.float32)
MASK = np.arange(5) < LENGTHS[:, None]


def answer(rank, write):
    """What onnxruntime gives for the tensor of so many axes that `write(steps, x, mask)` names."""
    graph = Graph()
    x = graph.input("x", "float32", ["batch", "time", 3])
    mask = graph.cast(graph.input("mask", "int64", ["batch", "time"]), "bool")
    graph.output("y", "float32", [f"axis_{n}" for n in range(rank)], write(graph.steps, x, mask))
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString())
    [found] = session.run(None, {"x": X, "mask": MASK.astype(np.int64)})
    return found


def test_the_mask_as_numbers():
    np.testing.assert_array_equal(answer(2, lambda steps, x, mask: steps.valid(mask)), MASK.astype(np.float32))
    np.testing.assert_array_equal(answer(2, lambda steps, x, mask: steps.count(mask)), LENGTHS[:, None])


@pytest.mark.parametrize("value", [0.0, -3e38])
def test_other_steps_hold_one_number(value):
    found = answer(3, lambda steps, x, mask: steps.masked(x, mask, value))
    np.testing.assert_array_equal(found, np.where(MASK[..., None], X, np.float32(value)))


def test_sum_and_mean():
    total = np.where(MASK[..., None], X, 0).astype(np.float64).sum(1)
    found = answer(2, lambda steps, x, mask: steps.weighted_sum(x, steps.valid(mask)))
    np.testing.assert_allclose(found, total, atol=1e-6)
    found = answer(2, lambda steps, x, mask: steps.mean(x, steps.valid(mask)))
    np.testing.assert_allclose(found, total / np.maximum(LENGTHS, 1)[:, None], atol=1e-6)


def test_softmax_is_over_the_valid_steps_of_each_score():
    found = answer(3, lambda steps, x, mask: steps.softmax(x, mask))
    powers = np.exp(X.astype(np.float64)) * MASK[..., None]
    np.testing.assert_allclose(found[1:], (powers / powers.sum(1, keepdims=True).clip(1e-9))[1:], atol=1e-6)
    assert not found[0].any()


def test_a_cast_to_what_no_file_holds_is_refused():
    with pytest.raises(Inexpressible, match="must be to one of float32, int32, int64, bool, got float16"):
        Graph().cast("x", "float16")
