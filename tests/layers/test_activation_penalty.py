"""Activation regularisation beside NumPy."""

import keras
import numpy as np
import pytest

from kerasseq.layers import ActivationPenalty

B, T, U = 3, 5, 4
RANDOM = np.random.default_rng(0)
Y, H = (RANDOM.normal(size=(B, T, U)).astype("float32") for _ in range(2))
LENGTHS = (5, 3, 1)
MASK = np.arange(T) < np.array(LENGTHS)[:, None]


@pytest.mark.parametrize(("alpha", "beta"), [(2.0, 0.0), (0.0, 1.0), (2.0, 0.5)])
def test_it_is_the_mean_square_of_valid_answers_and_of_their_changes(alpha, beta):
    wanted = []
    for y, h, length in zip(Y.astype(float), H.astype(float), LENGTHS, strict=True):
        size = (y[:length] ** 2).mean()
        change = (np.diff(h[:length], axis=0) ** 2).mean() if length > 1 else 0.0
        wanted.append(alpha * size + beta * change)
    dirty = np.where(MASK[..., None], 0, np.float32(np.nan))
    found = ActivationPenalty(alpha, beta)(Y + dirty, H + dirty, MASK, training=True)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), wanted, rtol=1e-5)


def test_a_prediction_has_none_and_a_saved_layer_comes_back():
    layer = ActivationPenalty.from_config(ActivationPenalty(2.0, 1.0).get_config())
    assert (layer.alpha, layer.beta) == (2.0, 1.0)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(Y, H, MASK, training=False)), np.zeros(B))
    assert layer(*(keras.Input((None, U)),) * 2, keras.Input((None,), dtype="bool")).shape == (None,)
