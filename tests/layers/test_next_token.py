"""The head of a language model beside NumPy, and its gradient beside finite differences."""

import keras
import numpy as np
import pytest

from kerasseq.layers import EveryToken, NextToken

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
    if keras.backend.backend() != "torch":
        pytest.skip("torch alone computes it in blocks")
    from kerasseq.backend import torch_softmax

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


@pytest.mark.parametrize("width", [UNITS, 3])
def test_a_table_of_vectors_is_the_softmax_behind_a_matrix_where_widths_differ(width, gradients):
    random = np.random.default_rng(2)
    layer, x, following = NextToken(VOCABULARY), *drawn()[1:]
    table = random.normal(size=(VOCABULARY, width)).astype("float32")
    layer.build(x.shape, following.shape, table.shape)
    layer.set_weights([random.normal(size=w.shape) for w in layer.weights])
    assert [w.name for w in layer.weights] == (["bias"] if width == UNITS else ["projection", "bias"])
    *between, bias = (w.astype(np.float64) for w in layer.get_weights())
    kernel = (between[0] if between else np.eye(UNITS)) @ table.T.astype(np.float64)

    def wanted(x, kernel=kernel):
        scores = x @ kernel + bias
        own = np.take_along_axis(scores, following[..., None], axis=2)[..., 0]
        return own - np.log(np.exp(scores).sum(-1))

    found = keras.ops.convert_to_numpy(layer(x, following, table))
    np.testing.assert_allclose(found, wanted(x.astype(np.float64)), atol=1e-5)

    def loss(given):
        return keras.ops.sum(layer(keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(following), given))

    by_table = gradients(loss, layer, table)[0]
    step = 1e-4
    for place in [(0, 0), (5, 1), (10, 2)]:
        moved = np.zeros_like(table, dtype=np.float64)
        moved[place] = step
        after = (between[0] if between else np.eye(UNITS)) @ moved.T
        slope = (wanted(x, kernel + after) - wanted(x, kernel - after)).sum() / (2 * step)
        assert by_table[place] == pytest.approx(slope, abs=2e-3)


def test_every_token_is_each_id_once():
    assert keras.ops.convert_to_numpy(EveryToken(4)(np.zeros((2, 3), "int32"))).tolist() == [0, 1, 2, 3]
    tokens = keras.Input((None,), dtype="int32")
    assert EveryToken(4)(tokens).shape == (4,)
    assert EveryToken.from_config(EveryToken(4).get_config()).vocabulary == 4


def test_on_jax_no_tensor_is_as_large_as_all_scores(monkeypatch):
    jax = pytest.importorskip("jax")
    from kerasseq.backend import jax_softmax

    steps, units, vocabulary = 64, 4, 50
    random = np.random.default_rng(0)
    x, kernel = random.normal(size=(steps, units)), random.normal(size=(units, vocabulary))
    ids = random.integers(vocabulary, size=steps)
    bias = random.normal(size=vocabulary)

    def graded():
        def loss(x, kernel, bias):
            return (jax_softmax.log_probability(x, kernel, bias, ids)[0] ** 2).sum()

        return jax.value_and_grad(loss, argnums=(0, 1, 2))  # of a new function, for jax remembers what it traced

    whole, by_whole = graded()(x, kernel, bias)
    assert _largest(jax.make_jaxpr(graded())(x, kernel, bias).jaxpr) == steps * vocabulary
    monkeypatch.setattr(jax_softmax, "BLOCK", 10 * vocabulary)  # the last block is not full
    blocks, by_blocks = graded()(x, kernel, bias)
    assert _largest(jax.make_jaxpr(graded())(x, kernel, bias).jaxpr) <= 10 * vocabulary
    np.testing.assert_allclose(blocks, whole, rtol=1e-5)
    for one, two in zip(by_whole, by_blocks, strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-4, atol=1e-4)


def _largest(jaxpr):
    """Numbers in the largest tensor that a program makes, in what it calls too."""
    sizes = [int(np.prod(v.aval.shape)) for eqn in jaxpr.eqns for v in eqn.outvars]
    inner = [
        part
        for eqn in jaxpr.eqns
        for value in eqn.params.values()
        for part in (value if isinstance(value, list | tuple) else [value])
    ]
    programs = [getattr(part, "jaxpr", part) for part in inner]
    return max([*sizes, *(_largest(one) for one in programs if hasattr(one, "eqns"))], default=0)
