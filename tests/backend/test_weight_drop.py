"""Weight drop beside recurrent layers in NumPy whose matrix was dropped by hand."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from kerasseq.backend.accelerate import accelerate, explain
from kerasseq.backend.recurrent_training import drop_weights
from kerasseq.encoders.recurrent import GRU, LSTM

B, T, D, H = 3, 6, 4, 5
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(B, T, D)).astype("float32")
MASK = np.arange(T) < np.array([6, 3, 1])[:, None]
KINDS: dict[str, Callable[..., Any]] = {
    "lstm": lambda: layers.LSTM(H, return_sequences=True),
    "gru": lambda: layers.GRU(H, return_sequences=True),
    "gru_reset_before": lambda: layers.GRU(H, reset_after=False, return_sequences=True),
    "rnn_tanh": lambda: layers.SimpleRNN(H, return_sequences=True),
}

Array = np.ndarray[Any, Any]


def built(kind: str, rate: float = 0.5) -> tuple[Any, Any]:
    layer = KINDS[kind]()
    drop_weights(layer, rate)
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask], layer(x, mask=mask))
    layer.set_weights([RANDOM.normal(size=v.shape) * 0.6 for v in layer.trainable_weights])
    return model, layer


def answers(model: Any, training: bool) -> Array:
    return ops.convert_to_numpy(model([ops.convert_to_tensor(X), ops.convert_to_tensor(MASK)], training=training))


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, Array]:
    """What stays of each matrix, as the last draw says."""
    drawn: dict[str, Array] = {}
    whole = keras.random.dropout

    def dropout(x: Any, rate: float, **options: Any) -> Any:
        found = whole(x, rate, **options)
        drawn["stays"] = ops.convert_to_numpy(ops.cast(found != 0, "float32"))
        drawn["count"] = drawn.get("count", 0) + 1
        return found

    monkeypatch.setattr(keras.random, "dropout", dropout)
    return drawn


@pytest.mark.parametrize("fast", [False, True], ids=["keras", "accelerated"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_computes_with_the_matrix_that_was_drawn_at_every_step(kind, fast, kept, recurrent):
    model, layer = built(kind)
    if fast:
        accelerate(model)
    found = answers(model, training=True)
    kernel, matrix, bias = (w.astype(np.float64) for w in layer.get_weights()[:3])
    assert kept["count"] == 1
    assert 0 < kept["stays"].mean() < 1
    states = [np.zeros((B, H))] * (2 if kind == "lstm" else 1)
    wanted, _ = recurrent(kind, X, MASK, (kernel, matrix * kept["stays"] / 0.5, bias), states)
    np.testing.assert_allclose(found[MASK], wanted[MASK], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_prediction_drops_nothing_and_a_layer_without_a_rate_never(kind, recurrent):
    model, layer = built(kind)
    kernel, matrix, bias = (w.astype(np.float64) for w in layer.get_weights()[:3])
    wanted, _ = recurrent(kind, X, MASK, (kernel, matrix, bias), [np.zeros((B, H))] * (2 if kind == "lstm" else 1))
    np.testing.assert_allclose(answers(accelerate(model), training=False)[MASK], wanted[MASK], atol=1e-5)
    plain, _ = built(kind, rate=0.0)
    np.testing.assert_array_equal(answers(plain, training=True), answers(plain, training=False))


def test_every_batch_draws_anew_and_what_is_dropped_gets_no_gradient(kept, gradients):
    model, layer = built("lstm")
    first = answers(accelerate(model), training=True)
    assert np.abs(first - answers(model, training=True)).max() > 1e-3

    def loss(x: Any) -> Any:
        return ops.sum(ops.square(model([x, ops.convert_to_tensor(MASK)], training=True)))

    if keras.backend.backend() == "torch":  # jax draws behind the trace
        by_matrix = gradients(loss, layer, X)[2]
        np.testing.assert_array_equal(by_matrix != 0, kept["stays"] != 0)


@pytest.mark.parametrize(("spec", "bidirectional"), [(LSTM, False), (GRU, True)])
def test_it_is_a_setting_of_an_encoder_whose_layers_stay_those_of_keras(spec, bidirectional, kept):
    encoder = spec(name="e", units=H, layers=2, bidirectional=bidirectional, dropout=0.0, weight_drop=0.4)
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask], encoder.build()(x, mask=mask))
    paths = explain(model)
    assert all("accelerate was not called" in path or "its own scan" in path for path in paths.values())
    accelerate(model)
    answers(model, training=True)
    assert kept["count"] == 2 * (1 + bidirectional)
    assert type(model).from_config(model.get_config()).count_params() == model.count_params()
    assert all(type(layer).__module__.startswith("keras.") for layer in model.layers)
    if keras.backend.backend() == "torch":
        assert not any(path.startswith("keras") for path in explain(model).values())


def test_a_graph_of_torch_drops_them_as_well(kept):
    if keras.backend.backend() != "torch":
        pytest.skip("torch alone has a graph of ours")
    from kerasseq.backend import torch_graph

    x, mask = keras.Input((None, D), name="x"), keras.Input((None,), dtype="bool", name="mask")
    encoder = GRU(name="gru", units=H, layers=1, dropout=0.0, weight_drop=0.4).build()
    graph = torch_graph.Graph(accelerate(keras.Model([x, mask], {"y": encoder(x, mask=mask)})))
    inputs = [ops.convert_to_tensor(X), ops.convert_to_tensor(MASK)]
    one, two = (graph(inputs, training=True)["y"] for _ in range(2))
    assert graph.path == "direct"
    assert kept["count"] == 4
    assert not np.allclose(ops.convert_to_numpy(one), ops.convert_to_numpy(two))
