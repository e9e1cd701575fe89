"""The short form of a layer gives what the layer gives."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

if keras.backend.backend() != "torch":
    pytest.skip("torch's short forms", allow_module_level=True)

import torch

from kerasseq.backend import torch_kernels
from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.functional import calls
from kerasseq.backend.torch_short import plain, short

# Keras 3.16 says so of each recurrent layer of its own that is given a mask
pytestmark = pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(3, 5, 4)).astype("float32")
MASK = torch.tensor(RANDOM.random((3, 5)) < 0.7)


def same(layer: Any, x: Any, shorter: bool, rtol: float = 1e-6, **arguments: Any) -> None:
    """Outputs and gradients, and whether there is a shorter way at all."""
    accelerate(keras.Sequential([layer]))
    layer(torch.tensor(x))
    call = short(layer)
    assert (call != layer.call) == shorter
    found = []
    for function in (call, layer):
        for variable in layer.trainable_variables:
            variable.value.grad = None
        torch.manual_seed(0)
        inputs = torch.tensor(x)
        inputs.requires_grad = inputs.is_floating_point()
        y = function(inputs, **arguments)
        (y[0] if isinstance(y, tuple | list) else y).square().sum().backward()
        gradients = [inputs.grad, *(v.value.grad for v in layer.trainable_variables)]
        found.append([np.array(t.detach()) for t in (y, *gradients) if isinstance(t, torch.Tensor)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU, layers.SimpleRNN])
@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("both", [True, False])
def test_recurrent_layers_go_straight_to_the_bound_kernel(kind: Any, sequences: bool, mask: Any, both: bool) -> None:
    layer = kind(3, return_sequences=sequences)
    same(layers.Bidirectional(layer) if both else layer, X, True, mask=mask, training=True)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_both_directions_are_read_at_once_where_loops_are_compiled(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    both = torch_kernels.fused_both
    monkeypatch.setattr(torch_kernels, "fused_both", lambda *given, **how: read.append(given[0]) or both(*given, **how))
    half = layers.GRU(3, return_sequences=True, recurrent_initializer="glorot_uniform", dtype=dtype)
    layer = layers.Bidirectional(half, dtype=dtype)
    accelerate(keras.Sequential([layer]))
    x = torch.tensor(X, dtype=getattr(torch, dtype))
    expected = layer(x, mask=MASK)
    assert not read
    found = short(layer)(x, mask=MASK)
    assert read == ([["gru", "gru"]] if dtype == "float32" else [])
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_share_directions_and_rows(threads: int) -> None:
    layer = layers.Bidirectional(layers.LSTM(3, return_sequences=True))
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        same(layer, np.tile(X, (12, 1, 1)), True, mask=MASK.repeat(12, 1), training=True, rtol=1e-5)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.LSTM(3, dropout=0.4, seed=1),
        lambda: layers.GRU(3, recurrent_dropout=0.4, seed=1),
        lambda: layers.LSTM(3, return_state=True),
        lambda: layers.Bidirectional(layers.GRU(3), merge_mode="sum"),
        lambda: layers.Dense(3, use_bias=False),
        lambda: layers.LayerNormalization(),
    ],
)
def test_what_needs_more_has_no_shorter_way(layer: Any) -> None:
    assert short(built := layer()) == built.call


def test_an_unbound_layer_has_no_shorter_way() -> None:
    assert short(built := layers.LSTM(3)) == built.call


@pytest.mark.parametrize("state", [2, 1])
def test_a_given_initial_state_is_used(state: int) -> None:
    layer = accelerate(keras.Sequential([layers.LSTM(3) if state == 2 else layers.GRU(3)])).layers[0]
    given = [torch.ones(3, 3)] * state
    x = torch.tensor(X)
    expected = layer(x, initial_state=given)
    torch.testing.assert_close(short(layer)(x, initial_state=given), expected)
    assert not torch.allclose(expected, layer(x))


@pytest.mark.parametrize("activation", [None, "tanh", "softmax"])
def test_dense(activation: Any) -> None:
    same(layers.Dense(3, activation=activation), X, True)


def test_embedding() -> None:
    same(layers.Embedding(7, 3), np.array([[1, 6, 0], [2, 2, 1]], "int32"), True)


def test_a_mask_is_made_without_a_tensor_of_the_number_that_ids_are_compared_with() -> None:
    tokens = keras.Input((None,), dtype="int32")
    operation = next(calls(keras.Model(tokens, keras.ops.not_equal(tokens, 0)))).operation
    call, ids = short(operation), torch.tensor([[3, 0, 1], [0, 0, 2]], dtype=torch.int32)
    assert call != operation.call
    for other in (0, 2, torch.tensor([3, 1, 1], dtype=torch.int32)):
        torch.testing.assert_close(call(ids, other), operation.call(ids, other))
        assert call(ids, other).dtype == torch.bool


def test_masks_of_other_types_are_left_to_the_layer() -> None:
    layer = accelerate(keras.Sequential([layers.LSTM(3, return_sequences=True)])).layers[0]
    expected = layer(torch.tensor(X), mask=MASK)
    torch.testing.assert_close(short(layer)(torch.tensor(X), mask=MASK.to(torch.int32)), expected)


def test_hooks_regularizers_and_other_number_types_are_not_plain() -> None:
    assert plain(layers.Dense(2))
    hooked = layers.Dense(2)
    hooked.register_forward_hook(lambda *call: None)
    others = [hooked, layers.Dense(2, activity_regularizer="l2"), layers.Dense(2, dtype="mixed_bfloat16")]
    assert not any(map(plain, others))
