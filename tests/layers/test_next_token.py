"""The head of a language model beside NumPy, and its gradient beside finite differences."""

import keras
import numpy as np
import pytest

from kerasseq.layers import NextToken

ROWS, STEPS, UNITS, VOCABULARY = 3, 5, 4, 11


def drawn(seed=0, scale=1.0):
    random = np.random.default_rng(seed)
    layer = NextToken(VOCABULARY)
    x = (scale * random.normal(size=(ROWS, STEPS, UNITS))).astype("float32")
    following = random.integers(VOCABULARY, size=(ROWS, STEPS)).astype("int32")
    layer.build(x.shape)
    layer.set_weights([random.normal(size=(UNITS, VOCABULARY)), random.normal(size=VOCABULARY)])
    return layer, x, following


def reference(layer, x, following):
    kernel, bias = (np.asarray(w, dtype=np.float64) for w in layer.get_weights())
    scores = x.astype(np.float64) @ kernel + bias
    largest = scores.max(-1, keepdims=True)
    total = np.log(np.exp(scores - largest).sum(-1, keepdims=True)) + largest
    return np.take_along_axis(scores - total, following[..., None], axis=2)[..., 0]


@pytest.mark.parametrize("scale", [1.0, 60.0])
def test_it_gives_the_logarithm_of_the_probability_also_of_what_is_hardly_possible(scale):
    layer, x, following = drawn(scale=scale)
    found = keras.ops.convert_to_numpy(layer(x, following))
    np.testing.assert_allclose(found, reference(layer, x, following), rtol=2e-5, atol=1e-5)


def test_blocks_and_what_is_computed_again_change_nothing(monkeypatch, gradients):
    torch_softmax = pytest.importorskip("kerasseq.backend.torch_softmax")
    layer, x, following = drawn()
    weights = keras.ops.convert_to_tensor(np.random.default_rng(1).normal(size=(ROWS, STEPS)).astype("float32"))

    def loss(x):
        return keras.ops.sum(layer(x, keras.ops.convert_to_tensor(following)) * weights)

    whole = gradients(loss, layer, x)
    monkeypatch.setattr(torch_softmax, "BLOCK", 2 * VOCABULARY)
    blocks = gradients(loss, layer, x)
    monkeypatch.setattr(torch_softmax, "KEPT", 0)
    again = gradients(loss, layer, x)
    for one, two, three in zip(whole, blocks, again, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(one, three, rtol=1e-5, atol=1e-6)


def test_its_gradient_is_that_of_finite_differences(gradients):
    layer, x, following = drawn()
    found = gradients(lambda x: keras.ops.sum(layer(x, keras.ops.convert_to_tensor(following))), layer, x)[0]
    step = 1e-3
    for place in [(0, 0, 0), (1, 3, 2), (2, 4, 3)]:
        more, less = x.copy(), x.copy()
        more[place] += step
        less[place] -= step
        slope = (reference(layer, more, following).sum() - reference(layer, less, following).sum()) / (2 * step)
        assert found[place] == pytest.approx(slope, abs=1e-3)


def test_a_saved_layer_comes_back():
    layer, _, _ = drawn()
    again = NextToken.from_config(layer.get_config())
    assert again.vocabulary == VOCABULARY
