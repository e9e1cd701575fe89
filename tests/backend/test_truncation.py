"""A gradient that is cut within a text, beside NumPy whose states before a block are held fixed."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from kerasseq.backend.accelerate import accelerate, explain
from kerasseq.backend.recurrent_training import drop_weights, truncate
from kerasseq.encoders.recurrent import GRU, LSTM

B, T, D, H, STEPS = 2, 7, 2, 3, 3
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(B, T, D)).astype("float32")
WEIGHTS = RANDOM.normal(size=(B, T, H)).astype("float32")
MASKS = {
    "none": np.ones((B, T), dtype=bool),
    "right": np.arange(T) < np.array([7, 4])[:, None],
    "gaps": np.array([[1, 0, 0, 0, 0, 0, 1], [0, 1, 1, 0, 1, 0, 1]], dtype=bool),
}
KINDS = {
    "lstm": lambda **how: layers.LSTM(H, return_sequences=True, **how),
    "gru": lambda **how: layers.GRU(H, return_sequences=True, **how),
    "gru_reset_before": lambda **how: layers.GRU(H, reset_after=False, return_sequences=True, **how),
    "rnn_tanh": lambda **how: layers.SimpleRNN(H, return_sequences=True, **how),
}
TORCH = keras.backend.backend() == "torch"

Array = np.ndarray[Any, Any]


def built(kind: str, **how: Any) -> tuple[Any, Any]:
    layer = KINDS[kind](**how)
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask], layer(x, mask=mask))
    layer.set_weights([RANDOM.normal(size=v.shape) * 0.7 for v in layer.trainable_weights])
    return model, layer


def answers(model: Any, mask: Array, training: bool = True, x: Any = X) -> Any:
    return model([ops.convert_to_tensor(x), ops.convert_to_tensor(mask)], training=training)


def blocks(backwards: bool) -> list[slice]:
    found = [slice(start, min(start + STEPS, T)) for start in range(0, T, STEPS)]
    return found[::-1] if backwards else found


@pytest.mark.parametrize("fast", [False, True], ids=["keras", "accelerated"])
@pytest.mark.parametrize(
    ("kind", "mask", "backwards"),
    [
        ("lstm", "right", False),
        ("lstm", "gaps", True),
        ("gru", "right", True),
        ("gru_reset_before", "none", False),
        ("rnn_tanh", "gaps", False),
    ],
)
def test_answers_stay_and_the_gradient_is_that_of_blocks_from_fixed_states(
    kind, mask, backwards, fast, recurrent, numeric_gradient, gradients
):
    model, layer = built(kind, go_backwards=backwards)
    valid = MASKS[mask]
    order = valid[:, ::-1] if backwards else valid
    counts = WEIGHTS * order[:, :, None]
    weights = [w.astype(np.float64) for w in layer.get_weights()]
    x = X.astype(np.float64)
    states, fixed = [np.zeros((B, H))] * (2 if kind == "lstm" else 1), []
    for block in blocks(backwards):
        fixed.append(states)
        _, states = recurrent(kind, x[:, block], valid[:, block], tuple(weights), states, backwards)

    def objective() -> float:
        parts = zip(blocks(backwards), fixed, strict=True)
        found = [recurrent(kind, x[:, b], valid[:, b], tuple(weights), start, backwards)[0] for b, start in parts]
        return float((np.concatenate(found, axis=1) * counts).sum())

    wanted = [numeric_gradient(objective, array) for array in (x, *weights)]
    before = ops.convert_to_numpy(answers(model, valid))
    if fast:
        accelerate(model)
    assert truncate(model, STEPS) == 1
    np.testing.assert_allclose(ops.convert_to_numpy(answers(model, valid)), before, atol=1e-6)  # at masked steps too

    def loss(given: Any) -> Any:
        return ops.sum(answers(model, valid, x=given) * ops.convert_to_tensor(counts))

    for got, want in zip(gradients(loss, layer, X), wanted, strict=True):
        np.testing.assert_allclose(got, want, atol=2e-5)


@pytest.mark.parametrize("spec", [LSTM, GRU])
def test_in_a_stack_of_both_directions_no_step_hears_of_another_block(spec, gradients):
    encoder = spec(name="e", units=H, layers=2, bidirectional=True, dropout=0.0)
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    model = accelerate(keras.Model([x, mask], encoder.build()(x, mask=mask)))
    assert truncate(model, STEPS) == 4
    if TORCH:
        assert not any(path.startswith("keras") for path in explain(model).values())

    def of_one_step(step: int) -> Array:
        return gradients(lambda x: ops.sum(answers(model, MASKS["none"], x=x)[:, step]), model, X)[0]

    for step, heard in ((1, [0, 1, 2]), (3, [3, 4, 5]), (6, [6])):
        reached = np.abs(of_one_step(step)).sum(axis=(0, 2)) > 0
        assert np.flatnonzero(reached).tolist() == heard


def test_a_prediction_is_not_cut_nor_a_text_that_is_no_longer_than_a_block(monkeypatch):
    model, _ = built("gru")
    truncate(accelerate(model), STEPS)
    from kerasseq.backend import accelerate as bound
    from kerasseq.backend import recurrent_training

    def never(*_: Any) -> None:
        raise AssertionError("was cut")

    for module in (bound, recurrent_training):
        monkeypatch.setattr(module, "in_blocks", never)
    answers(model, MASKS["none"], training=False)
    answers(model, MASKS["none"][:, :STEPS], x=X[:, :STEPS])
    with pytest.raises(Exception, match="was cut"):
        answers(model, MASKS["none"])


def test_dropped_weights_are_the_same_in_all_blocks():
    model, layer = built("lstm")
    drop_weights(layer, 0.5)
    truncate(accelerate(model), STEPS)
    keras.utils.set_random_seed(3)
    cut = ops.convert_to_numpy(answers(model, MASKS["none"]))
    layer.bptt = T
    keras.utils.set_random_seed(3)
    if TORCH:  # jax draws by a state of its own, which has moved on
        np.testing.assert_allclose(cut, ops.convert_to_numpy(answers(model, MASKS["none"])), atol=1e-6)


@pytest.mark.skipif(not TORCH, reason="counts what torch keeps")
def test_torch_keeps_less_for_the_gradient(monkeypatch):
    import torch

    from kerasseq.backend import torch_kernels

    monkeypatch.setattr(torch_kernels, "compiled_missing", lambda: "switched off by the test")
    kept = {}
    for steps in (1000, 8):
        layer = layers.LSTM(16, return_sequences=True)
        x = torch.randn(4, 128, 8, requires_grad=True)
        layer.build(x.shape)
        truncate(accelerate(layer), steps)
        sizes: dict[int, int] = {}

        def pack(tensor: Any, sizes: dict[int, int] = sizes) -> Any:
            storage = tensor.untyped_storage()
            sizes[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            total = layer(x, training=True).sum()
        kept[steps] = sum(sizes.values())  # all of it is alive here, so that no address stands for two
        total.backward()
    assert kept[8] < kept[1000] / 2


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="asks a program of jax")
def test_jax_needs_less_memory_for_the_gradient():
    import jax

    needed = {}
    for steps in (1000, 16):
        layer = layers.LSTM(32, return_sequences=True)
        layer.build((8, 256, 16))
        truncate(layer, steps)
        values = [v.value for v in layer.trainable_variables]
        others = [v.value for v in layer.non_trainable_variables]

        def loss(values: Any, x: Any, layer: Any = layer, others: Any = others) -> Any:
            return layer.stateless_call(values, others, x, training=True)[0].sum()

        program = jax.jit(jax.grad(loss)).lower(values, np.zeros((8, 256, 16), "float32")).compile()
        needed[steps] = program.memory_analysis().temp_size_in_bytes
    assert needed[16] < needed[1000] / 2
