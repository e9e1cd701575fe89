"""Two answers become one, and training leaves the weights alone."""

import keras
import numpy as np
import pytest

from kerasseq.layers.blend import Blend

X, Y = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), np.array([[10.0, 0.0], [0.0, 10.0]], np.float32)


def model():
    inputs = [keras.Input((2,), name="x"), keras.Input((2,), name="y")]
    return keras.Model(inputs, Blend(name="blend")(*inputs))


def test_it_gives_the_first_until_it_is_shared():
    made = model()
    np.testing.assert_array_equal(made.predict([X, Y], verbose=0), X)
    layer = made.get_layer("blend")
    layer.share(0.25, 0.5)
    np.testing.assert_allclose(made.predict([X, Y], verbose=0), 0.25 * X + 0.5 * Y, rtol=1e-6)
    assert layer.factors == pytest.approx((0.25, 0.5))
    assert not layer.trainable_variables


def test_for_a_while_it_gives_the_first_alone():
    made = model()
    layer = made.get_layer("blend")
    layer.share(0.25, 0.5)
    with pytest.raises(ZeroDivisionError), layer.alone():
        np.testing.assert_array_equal(made.predict([X, Y], verbose=0), X)
        raise ZeroDivisionError
    assert layer.factors == pytest.approx((0.25, 0.5))


def test_a_stored_model_keeps_its_weights(tmp_path):
    made = model()
    made.get_layer("blend").share(0.25, 0.5)
    made.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.predict([X, Y], verbose=0), made.predict([X, Y], verbose=0))
