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


EXACT = np.tanh(POINTS.astype(np.float64))
SMALL = (np.abs(POINTS) < 0.1) & (POINTS != 0)
LARGE = np.abs(EXACT) > 0.96


def test_tanh_is_within_eight_hundred_millionths_everywhere() -> None:
    found = POINTS[None].copy()
    tanh_of_sum(found, 0, POINTS.size, NOTHING)
    assert np.abs(found[0] - EXACT).max() < 8e-8
    assert np.abs(found[0][SMALL] / EXACT[SMALL] - 1).max() < 2e-7  # relative, where answers are small


def test_tanh_is_as_exact_as_its_numbers_can_be_where_it_saturates() -> None:
    found = POINTS[None].copy()
    tanh_of_sum(found, 0, POINTS.size, NOTHING)
    half_a_step = np.spacing(np.float32(0.99)) / 2
    assert np.abs(found[0][LARGE] - EXACT[LARGE]).max() < 1.2 * half_a_step
    assert (np.abs(found[0][np.abs(POINTS) > 9.5]) == 1).all()  # a slope of zero, not of a rounding


def test_the_sigmoid_is_as_exact_as_that_of_keras() -> None:
    found = POINTS[None].copy()
    sigmoid_of_sum(found, 0, POINTS.size, NOTHING)
    exact = 1 / (1 + np.exp(-POINTS.astype(np.float64)))
    errors = np.abs(found[0] - exact), np.abs(keras.ops.convert_to_numpy(keras.ops.sigmoid(POINTS)) - exact)
    for size in (1.0, 0.1, 1e-3, 1e-6):  # a gate that is nearly shut has a slope of its own size
        ours, theirs = (np.abs(e)[exact <= size].max() for e in errors)
        assert ours < 1.5 * theirs


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
