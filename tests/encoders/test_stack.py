"""The stack: shared weights, plain Keras inside, gradients."""

import re
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.encoders.recurrent import GRU, LSTM, SimpleRNN

X = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
MASK = np.array([[True, True, True, False], [True, False, False, False]])
FULL = {"units": 3, "layers": 2, "residual": True, "dropout": 0.3}


def test_two_calls_share_the_weights() -> None:
    stack = LSTM(name="lstm", **FULL).build()
    first, second = keras.Input((None, 3)), keras.Input((None, 3))
    model = keras.Model([first, second], [stack(first), stack(second)])
    assert len(model.weights) == 2 * 2 * 3
    one, two = (ops.convert_to_numpy(y) for y in model([ops.convert_to_tensor(X)] * 2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")  # Keras 3.16, as it opens the file
@pytest.mark.parametrize("normalisation", ["none", "layer", "batch"])
def test_a_saved_model_holds_plain_keras_layers_and_gives_the_same_numbers(normalisation: str, tmp_path: Path) -> None:
    x, mask = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask], GRU(name="gru", normalisation=normalisation, **FULL).build()(x, mask=mask))
    model.save(tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    case = [ops.convert_to_tensor(X), ops.convert_to_tensor(MASK)]
    np.testing.assert_allclose(
        ops.convert_to_numpy(opened(case)), ops.convert_to_numpy(model(case)), rtol=1e-6, atol=1e-6
    )
    assert set(re.findall(r'"module": "([a-z]+)', model.to_json())) == {"keras"}


@pytest.mark.parametrize("spec", [SimpleRNN, GRU, LSTM])
def test_gradients_are_finite_and_reach_every_weight(
    spec: type[GRU], gradients: Callable[..., list[np.ndarray]]
) -> None:
    x, mask = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask], spec(name="encoder", units=3, layers=1, residual=True).build()(x, mask=mask))
    valid = ops.convert_to_tensor(MASK)

    def loss(inputs: object) -> object:
        y = model([inputs, valid], training=False)
        return ops.sum(ops.square(ops.where(valid[:, :, None], y, ops.zeros_like(y))))

    by_x, *by_weights = gradients(loss, model, X)
    assert all(np.isfinite(g).all() and np.abs(g).sum() > 0 for g in by_weights)
    assert not by_x[~MASK].any()


def test_residual_adds_the_input_where_the_sizes_agree() -> None:
    """Zero weights: each layer gives zeros, so what comes out is what the residual connections carry."""
    stack = SimpleRNN(name="simple_rnn", units=3, layers=2, bidirectional=False, residual=True).build()
    wider = SimpleRNN(name="simple_rnn", units=4, layers=2, bidirectional=False, residual=True).build()
    for built, carried in ((stack, X), (wider, np.zeros((2, 4, 4)))):
        built(X)
        for layer in built.layers:
            layer.set_weights([np.zeros(w.shape) for w in layer.get_weights()])
        np.testing.assert_array_equal(ops.convert_to_numpy(built(X)), carried)


def test_layer_norm_has_the_epsilon_of_the_lectures() -> None:
    stack = LSTM(name="lstm", normalisation="layer").build()
    assert [norm.epsilon for norm in stack.norms] == [1e-5, 1e-5]
