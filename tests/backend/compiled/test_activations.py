"""Activations of compiled loops against NumPy in float64."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

if keras.backend.backend() != "torch":
    pytest.skip("compiled loops are for torch", allow_module_level=True)
pytest.importorskip("numba")

from kerasseq.backend.compiled.activations import relu_of_sum, sigmoid_of_sum, tanh_of_sum

POINTS = np.concatenate(
    [np.linspace(-20, 20, 400_001), np.geomspace(1e-30, 1, 1000), -np.geomspace(1e-30, 1, 1000), [0.0, np.inf, -np.inf]]
).astype(np.float32)
NOTHING = np.zeros(POINTS.size, dtype=np.float32)


def test_tanh_is_within_four_ten_millionths_everywhere() -> None:
    found = POINTS[None].copy()
    tanh_of_sum(found, 0, POINTS.size, NOTHING)
    expected = np.tanh(POINTS.astype(np.float64))
    assert np.abs(found[0] - expected).max() < 4e-7
    small = (np.abs(POINTS) < 0.1) & (POINTS != 0)
    assert np.abs(found[0][small] / expected[small] - 1).max() < 4e-7  # relative, where answers are small


def test_the_sigmoid_is_within_four_ten_millionths_everywhere() -> None:
    found = POINTS[None].copy()
    sigmoid_of_sum(found, 0, POINTS.size, NOTHING)
    assert np.abs(found[0] - 0.5 * (1 + np.tanh(0.5 * POINTS.astype(np.float64)))).max() < 4e-7


def test_the_bias_is_added_to_the_chosen_columns_of_every_row() -> None:
    y = np.zeros((2, 4), dtype=np.float32)
    bias = np.array([-1, 0, 2, 5], dtype=np.float32)
    relu_of_sum(y, 0, 3, bias)
    assert y.tolist() == [[0, 0, 2, 0], [0, 0, 2, 0]]


@pytest.mark.parametrize("function", [tanh_of_sum, sigmoid_of_sum, relu_of_sum])
def test_not_a_number_passes(function: Callable[..., None]) -> None:
    y = np.array([[np.nan, 1.0]], dtype=np.float32)
    function(y, 0, 2, np.zeros(2, dtype=np.float32))
    assert np.isnan(y).tolist() == [[True, False]]
