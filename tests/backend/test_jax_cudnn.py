"""On a GPU jax gives masked LSTMs to cuDNN; here jax's own reference stands in for it, which has the same arguments."""

# B batch, T time, D features, H units

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

if keras.backend.backend() != "jax":
    pytest.skip("jax's own", allow_module_level=True)

import jax
from jax.experimental import rnn

from kerasseq.backend import jax_cudnn
from kerasseq.backend.accelerate import accelerate, explain
from kerasseq.backend.recurrent_training import drop_weights, truncate

pytestmark = pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")

B, T, D, H = 5, 7, 3, 4
X = np.random.default_rng(0).normal(size=(B, T, D)).astype("float32")
MASKS: dict[str, Any] = {
    "none": None,
    "right": np.arange(T) < np.array([7, 3, 5, 1, 6])[:, None],
    "left": np.arange(T) >= np.array([0, 4, 2, 6, 1])[:, None],
    "gaps": np.random.default_rng(3).random((B, T)) < 0.5,
    "all masked": np.zeros((B, T), dtype=bool),
    "some rows masked": np.arange(T) < np.array([7, 0, 2, 1, 0])[:, None],
}
CUDNN = "fused: on cuda, cuDNN on steps moved together"


@pytest.fixture
def cudnn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, ...]]]:
    """A GPU, as far as is asked for one; the shapes of what its LSTM was given."""
    given: list[tuple[int, ...]] = []

    def reference(x: Any, h: Any, c: Any, flat: Any, lengths: Any, **how: Any) -> Any:
        given.append(x.shape)
        sizes = [how[name] for name in ("input_size", "hidden_size", "num_layers", "bidirectional")]
        apart = rnn.unpack_lstm_weights(flat, *sizes)
        return rnn.lstm_ref(x, h, c, *apart, lengths, *sizes[:3], how["dropout"], how["bidirectional"])

    monkeypatch.setattr(rnn, "lstm", reference)
    monkeypatch.setattr(jax_cudnn, "here", lambda: True)
    yield given


def twins(**switches: Any) -> tuple[Any, Any]:
    """Stock Keras, and the same layer accelerated, with the same random weights."""
    stock, ours = layers.LSTM(H, **switches), layers.LSTM(H, **switches)
    random = np.random.default_rng(1)
    for made in (stock, ours):
        made.build(X.shape)
    for one, two in zip(stock.weights, ours.weights, strict=True):
        value = random.normal(0, 0.5, one.shape)
        one.assign(value)
        two.assign(value)
    return stock, accelerate(ours)


@pytest.mark.parametrize("mask", MASKS)
def test_masked_layers_go_to_cudnn_and_equal_keras(
    mask: str, cudnn: list[tuple[int, ...]], gradients: Callable[..., Any]
) -> None:
    for backwards, zero, sequences in ((False, False, True), (True, True, True), (True, False, False)):
        stock, ours = twins(
            go_backwards=backwards, zero_output_for_mask=zero, return_sequences=sequences, return_state=True
        )
        assert list(explain(ours).values()) == [CUDNN]
        random = np.random.default_rng(2)
        states = [random.normal(size=(B, H)).astype("float32") for _ in "hc"]
        pulls = [random.normal(size=shape).astype("float32") for shape in ((B, T, H), (B, H), (B, H))]
        found = []

        def loss(layer: Any, x: Any, states: Any = states, pulls: Any = pulls, found: Any = found) -> Any:
            outputs, *ended = layer(x, mask=MASKS[mask], initial_state=[ops.convert_to_tensor(s) for s in states])
            found.append([outputs, *ended])
            first = pulls[0] if len(outputs.shape) == 3 else pulls[0][:, 0]
            return sum(ops.sum(each * pull) for each, pull in zip(found[-1], [first, *pulls[1:]], strict=True))

        apart = [gradients(lambda x, layer=layer: loss(layer, x), layer, X) for layer in (stock, ours)]
        values = [loss(layer, ops.convert_to_tensor(X)) and found[-1] for layer in (stock, ours)]
        for one, two in zip((*values[0], *apart[0]), (*values[1], *apart[1]), strict=True):
            np.testing.assert_allclose(ops.convert_to_numpy(two), ops.convert_to_numpy(one), atol=2e-5, rtol=2e-5)
    assert set(cudnn) == {(B, T, D)}


def test_both_directions_of_a_stack_go_to_cudnn(cudnn: list[tuple[int, ...]]) -> None:
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    y = layers.Bidirectional(layers.LSTM(H, return_sequences=True))(x, mask=mask)
    model = keras.Model([x, mask], layers.Bidirectional(layers.LSTM(H))(y, mask=mask))
    before = ops.convert_to_numpy(model([X, MASKS["gaps"]]))
    assert cudnn == []
    accelerate(model)
    np.testing.assert_allclose(ops.convert_to_numpy(model([X, MASKS["gaps"]])), before, atol=1e-5)
    assert cudnn == [(B, T, D)] * 2 + [(B, T, 2 * H)] * 2
    assert set(explain(model).values()) == {CUDNN}


def test_what_cudnn_lacks_is_named_and_left_to_the_scan(cudnn: list[tuple[int, ...]]) -> None:
    scan = "jax runs its own scan"
    lacking = {
        layers.GRU(H): scan,
        layers.SimpleRNN(H): scan,
        layers.LSTM(H, recurrent_dropout=0.1): "recurrent_dropout",
        layers.LSTM(H, activation="relu"): "activation relu",
        layers.LSTM(H, dtype="mixed_bfloat16"): f"{scan} in bfloat16",
    }
    for layer, reason in lacking.items():
        accelerate(layer)
        layer(X, mask=MASKS["right"])
        assert list(explain(layer).values()) == [f"keras: {reason}"]
    assert cudnn == []


def test_dropped_weights_and_a_cut_gradient_keep_their_meaning(cudnn: list[tuple[int, ...]]) -> None:
    _, ours = twins(return_sequences=True)
    drop_weights(ours, 0.5)
    kept, dropped = ours(X, mask=MASKS["right"]), ours(X, mask=MASKS["right"], training=True)
    assert len(cudnn) == 2
    assert not np.allclose(kept, dropped)
    truncate(ours, 3)
    ours(X, mask=MASKS["right"], training=True)
    assert len(cudnn) == 2, "block by block, by the scan"


def test_a_cpu_has_no_cudnn() -> None:
    assert jax.default_backend() == "cpu"
    assert not jax_cudnn.here()
