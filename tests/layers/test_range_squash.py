"""The output that cannot leave its range."""

from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from keras import ops

from kerasseq.layers import RangeSquash


def squash(low: float, high: float, x: np.ndarray) -> np.ndarray:
    return ops.convert_to_numpy(RangeSquash(low, high)(x.astype("float32")))


def test_it_is_a_scaled_sigmoid() -> None:
    x = np.linspace(-6, 6, 25)
    np.testing.assert_allclose(squash(-1, 3, x), -1 + 4 / (1 + np.exp(-x)), rtol=1e-5, atol=1e-6)


@settings(deadline=None, max_examples=15)
@given(low=st.just(0.0) | st.floats(1e-30, 100) | st.floats(-100, -1e-30), width=st.floats(0.1, 1000))
@example(low=0.0, width=10.0)
@example(low=0.1, width=0.6)
@example(low=-91.81, width=30.22)
def test_no_number_leaves_the_range_however_large_and_however_it_is_rounded(low: float, width: float) -> None:
    y = squash(low, low + width, np.array([-np.inf, -1e30, -100, -20, 0, 17, 20, 100, 1e30, np.inf])).astype("float64")
    assert (y >= low).all()
    assert (y <= low + width).all()


def test_its_ends_are_reached_and_the_middle_is_zero() -> None:
    np.testing.assert_array_equal(squash(0, 10, np.array([-200.0, 0.0, 200.0])), [0, 5, 10])


def test_a_saved_layer_keeps_its_range(tmp_path: Path) -> None:
    inputs = keras.Input((2,))
    model = keras.Model(inputs, RangeSquash(2.0, 7.5)(inputs))
    model.save(tmp_path / "model.keras")
    x = np.array([[-1.0, 3.0]], dtype="float32")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(ops.convert_to_numpy(opened(x)), ops.convert_to_numpy(model(x)))


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (float("nan"), 1.0)])
def test_an_empty_range_is_refused_with_its_ends(low: float, high: float) -> None:
    with pytest.raises(ValueError, match=f"low must be less than high. Received: low={low}, high={high}"):
        RangeSquash(low, high)
