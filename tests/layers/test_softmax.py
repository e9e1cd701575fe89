"""Softmax over valid steps."""

import numpy as np
import pytest
from keras import ops

from kerasseq.layers.softmax import lowest, masked_softmax

SCORES = np.array([[[1.0, 2.0, 3.0], [0.0, -500.0, 500.0]]], dtype="float32")
MASK = np.array([[[True, True, False]]])


@pytest.mark.parametrize("axis", [1, 2])
def test_the_weights_of_valid_steps_sum_to_one(axis: int) -> None:
    powers = np.exp(SCORES.astype("float64") - SCORES.max(axis=axis, keepdims=True))
    wanted = powers / powers.sum(axis=axis, keepdims=True)
    np.testing.assert_allclose(
        ops.convert_to_numpy(masked_softmax(ops.convert_to_tensor(SCORES), None, axis)), wanted, atol=1e-6
    )


def test_masked_steps_have_no_weight() -> None:
    found = ops.convert_to_numpy(masked_softmax(SCORES, MASK, 2))
    e = np.exp(1.0)
    np.testing.assert_allclose(found, [[[1 / (1 + e), e / (1 + e), 0], [1, 0, 0]]], atol=1e-6)


def test_without_a_valid_step_all_weights_are_zero() -> None:
    assert not ops.convert_to_numpy(masked_softmax(SCORES, np.zeros_like(MASK), 2)).any()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_the_lowest_number_of_a_type_is_finite(dtype: str) -> None:
    found = ops.cast(lowest(ops.zeros(1, dtype=dtype)), "float32")
    assert np.isfinite(ops.convert_to_numpy(found)) and ops.convert_to_numpy(found) <= -65504
