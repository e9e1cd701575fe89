"""The fused path gives Keras's numbers, and is the path that is taken."""

# B batch, T time, D features, H units

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from kerasseq.backend.accelerate import accelerate, explain
from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.recurrent import GRU, LSTM
from kerasseq.initial_weights import initialise
from kerasseq.model import Parts
from kerasseq.pipelines.text import TextPipeline
from kerasseq.tasks.classification import Classification
from kerasseq.tokenizers.word import Word

# Keras 3.16 says so of each recurrent layer of its own that is given a mask
pytestmark = pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")

TORCH = keras.backend.backend() == "torch"
torch_only = pytest.mark.skipif(not TORCH, reason="only torch needs a fused path, jax runs its own scan")

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
KINDS: dict[str, Callable[..., Any]] = {
    "lstm": lambda **k: layers.LSTM(H, **k),
    "gru": lambda **k: layers.GRU(H, **k),
    "gru_reset_before": lambda **k: layers.GRU(H, reset_after=False, **k),
    "rnn_tanh": lambda **k: layers.SimpleRNN(H, **k),
    "rnn_relu": lambda **k: layers.SimpleRNN(H, activation="relu", **k),
}
SWITCHES = ("go_backwards", "return_sequences", "zero_output_for_mask")

Array = np.ndarray[Any, Any]
Gradients = Callable[..., list[Array]]


@pytest.fixture
def fused(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The kinds of the fused loops that ran, in order."""
    from kerasseq.backend import torch_kernels

    ran: list[str] = []
    loop = torch_kernels.fused_loop

    def counting(kind: str, *args: Any, **how: Any) -> Any:
        ran.append(kind)
        return loop(kind, *args, **how)

    monkeypatch.setattr(torch_kernels, "fused_loop", counting)
    yield ran


def twins(stock: Any, shape: tuple[int, ...] = X.shape, twin: Any = None) -> tuple[Any, Any]:
    """Stock Keras, and the same layer accelerated, with the same random weights."""
    ours = type(stock).from_config(stock.get_config()) if twin is None else twin
    random = np.random.default_rng(1)
    for made in (stock, ours):
        made.build(shape)
    weights = [random.normal(0, 0.5, w.shape).astype("float32") for w in stock.get_weights()]
    stock.set_weights(weights)
    ours.set_weights(weights)
    return stock, accelerate(ours)


def paths(model: Any) -> list[str]:
    """The paths of the layers, without the reasons."""
    return [path.partition(":")[0] for path in explain(model).values()]


def same(stock: Any, ours: Any, gradients: Gradients, x: Array = X, **call: Any) -> None:
    """Outputs and every gradient agree within 2e-5."""
    outputs = []

    def loss(layer: Any, x: Any) -> Any:
        given = layer(x, **call)
        outputs.append(ops.convert_to_numpy(given))
        pull = np.random.default_rng(2).normal(size=given.shape).astype("float32")
        return ops.sum(given * ops.convert_to_tensor(pull))

    found = [gradients(partial(loss, layer), layer, x) for layer in (stock, ours)]
    np.testing.assert_allclose(outputs[1], outputs[0], atol=2e-5)
    for one, two in zip(*found, strict=True):
        np.testing.assert_allclose(two, one, atol=2e-5, rtol=2e-5)


@torch_only
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_fused_equals_keras(kind: str, mask: str, path: str, gradients: Gradients, fused: list[str]) -> None:
    for switches in itertools.product((False, True), repeat=3):
        layer = KINDS[kind](**dict(zip(SWITCHES, switches, strict=True)))
        stock, ours = twins(layer)
        assert paths(ours) == [path]
        same(stock, ours, gradients, mask=MASKS[mask])
    assert fused == [kind] * 8


@torch_only
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 5, 3), (4, 1, 3), (1, 1, 1)], ids=["one row", "one step", "one number"])
def test_fused_equals_keras_at_the_smallest_sizes(
    kind: str, shape: tuple[int, ...], path: str, gradients: Gradients, fused: list[str]
) -> None:
    x = np.random.default_rng(4).normal(size=shape).astype("float32")
    mask = np.ones(shape[:2], dtype=bool)
    mask[0, 0] = False
    for given in (None, mask):
        same(*twins(KINDS[kind](return_sequences=True), shape), gradients, x, mask=given)
    assert fused == [kind] * 2


@torch_only
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_both_directions_are_fused_and_equal_keras(
    kind: str, mask: str, path: str, gradients: Gradients, fused: list[str]
) -> None:
    for sequences in (False, True):
        stock, ours = twins(layers.Bidirectional(KINDS[kind](return_sequences=sequences)))
        assert paths(ours) == [path, path]
        same(stock, ours, gradients, mask=MASKS[mask])
    assert fused == [kind] * 4


@torch_only
@pytest.mark.parametrize("kind", KINDS)
def test_input_dropout_stays_fused_and_draws_what_keras_draws(
    kind: str, path: str, gradients: Gradients, fused: list[str]
) -> None:
    make = partial(KINDS[kind], dropout=0.5, seed=3, return_sequences=True)
    stock, ours = twins(make(), twin=make())  # SimpleRNN leaves the seed out of its config
    same(stock, ours, gradients, mask=MASKS["gaps"], training=True)
    same(stock, ours, gradients, mask=MASKS["gaps"], training=False)
    drawn = [ops.convert_to_numpy(layer.cell.seed_generator.state.value) for layer in (stock, ours)]
    np.testing.assert_array_equal(*drawn)
    dropped, kept = (ours(X, training=training) for training in (True, False))
    assert np.abs(ops.convert_to_numpy(dropped) - ops.convert_to_numpy(kept)).max() > 0.01
    assert fused == [kind] * 4


class Twice(layers.LSTM):  # type: ignore[misc]
    """A layer that derives from Keras's and computes something else."""

    def inner_loop(self, *args: Any, **kwargs: Any) -> Any:
        last, outputs, states = super().inner_loop(*args, **kwargs)
        return 2 * last, outputs, states


def tanh(x: Any) -> Any:
    """A tanh in name only."""
    return x * 0.5


FALLBACKS = {
    "recurrent_dropout": lambda: layers.LSTM(H, recurrent_dropout=0.5, seed=3),
    "activation relu": lambda: layers.GRU(H, activation="relu"),
    "activation sigmoid": lambda: layers.SimpleRNN(H, activation="sigmoid"),
    "activation tanh": lambda: layers.LSTM(H, activation=tanh),
    "activation LeakyReLU": lambda: layers.LSTM(H, activation=layers.LeakyReLU()),
    "recurrent_activation hard_sigmoid": lambda: layers.LSTM(H, recurrent_activation="hard_sigmoid"),
    "dropout with implementation=1": lambda: layers.GRU(H, dropout=0.5, implementation=1, use_cudnn=False),
    "Twice": lambda: Twice(H),
}


@torch_only
@pytest.mark.parametrize("reason", FALLBACKS)
def test_what_the_kernel_lacks_is_named_and_left_to_keras(reason: str, fused: list[str]) -> None:
    plain, ours = FALLBACKS[reason](), FALLBACKS[reason]()
    for layer in (plain, ours):
        layer.build(X.shape)
    ours.set_weights(plain.get_weights())
    accelerate(ours)
    (path,) = explain(ours).values()
    assert path.startswith("keras: ")
    assert reason in path
    for training in (False, True):
        answers = [layer(X, mask=MASKS["right"], training=training) for layer in (plain, ours)]
        for one, two in zip(*(a if isinstance(a, list | tuple) else [a] for a in answers), strict=True):
            if training and "dropout with" in reason:
                continue  # an unseeded generator draws anew for each layer
            np.testing.assert_array_equal(ops.convert_to_numpy(two), ops.convert_to_numpy(one))
    assert fused == []


@torch_only
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_states_go_in_and_out_as_in_keras(
    kind: str, mask: str, path: str, gradients: Gradients, fused: list[str]
) -> None:
    random = np.random.default_rng(5)
    states = [random.normal(size=(B, H)).astype("float32") for _ in range(2 if kind == "lstm" else 1)]
    for backwards, zero, sequences in itertools.product((False, True), repeat=3):
        switches = dict(zip(SWITCHES, (backwards, sequences, zero), strict=True))
        stock, ours = twins(KINDS[kind](return_state=True, **switches))
        flat = [Flat(layer) for layer in (stock, ours)]
        same(*flat, gradients, initial_state=states, mask=MASKS[mask])
        same(*flat, gradients, mask=MASKS[mask])
    assert fused == [kind] * 16


class Flat:
    """A layer that returns states, with all that it returns in one tensor."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.trainable_variables = layer.trainable_variables

    def __call__(self, x: Any, **call: Any) -> Any:
        return ops.concatenate([ops.reshape(given, (B, -1)) for given in self.layer(x, **call)], axis=1)


@torch_only
@pytest.mark.parametrize("kind", KINDS)
def test_a_stateful_layer_goes_on_where_it_stopped(kind: str, path: str, fused: list[str]) -> None:
    stock, ours = twins(KINDS[kind](stateful=True, return_sequences=True))
    whole = ops.convert_to_numpy(from_the_start(stock))
    ours.reset_state()
    parts = [ops.convert_to_numpy(ours(X[:, cut])) for cut in (slice(0, 3), slice(3, 4), slice(4, T))]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=2e-5)
    for layer in (stock, ours):
        layer.reset_state()
    for mask in ("right", "gaps", "all masked"):
        np.testing.assert_allclose(
            ops.convert_to_numpy(ours(X, mask=MASKS[mask])), ops.convert_to_numpy(stock(X, mask=MASKS[mask])), atol=2e-5
        )
        for one, two in zip(ours.states, stock.states, strict=True):
            np.testing.assert_allclose(ops.convert_to_numpy(one), ops.convert_to_numpy(two), atol=2e-5)
    assert fused == [kind] * 6


def from_the_start(layer: Any) -> Any:
    """All outputs of a stateful layer from its first state."""
    layer.reset_state()
    return layer(X)


@torch_only
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("switch", [{"use_bias": False}, {"unroll": True}], ids=["no bias", "unrolled"])
def test_what_changes_no_equation_is_fused_too(
    kind: str, switch: dict[str, bool], path: str, gradients: Gradients, fused: list[str]
) -> None:
    stock, ours = twins(KINDS[kind](return_sequences=True, **switch))
    same(stock, ours, gradients, mask=MASKS["right"])
    assert fused == [kind]


@torch_only
def test_an_initial_state_of_zeros_keeps_its_gradient(fused: list[str]) -> None:
    import torch

    stock, ours = twins(layers.GRU(H))
    found = []
    for layer in (stock, ours):
        state = torch.zeros(B, H, requires_grad=True)
        found.append(torch.autograd.grad(layer(X, initial_state=state).sum(), state)[0].numpy())
    np.testing.assert_allclose(found[1], found[0], atol=2e-5)
    assert np.abs(found[0]).max() > 0.01


@torch_only
def test_a_layer_that_was_changed_later_is_left_to_keras(fused: list[str]) -> None:
    stock, ours = twins(layers.SimpleRNN(H))
    for layer in (stock, ours):
        layer.cell.activation = keras.activations.softsign
    np.testing.assert_array_equal(ops.convert_to_numpy(ours(X)), ops.convert_to_numpy(stock(X)))
    assert (list(explain(ours).values()), fused) == (["keras: activation softsign"], [])


@torch_only
@pytest.mark.parametrize("kind", KINDS)
def test_half_precision_stays_near_keras(kind: str, path: str, fused: list[str]) -> None:
    stock, ours = twins(KINDS[kind](dtype="mixed_bfloat16", return_sequences=True))
    assert list(explain(ours).values()) == ["fused: computes in bfloat16"]
    answers = [ops.convert_to_numpy(ops.cast(layer(X, mask=MASKS["right"]), "float32")) for layer in (stock, ours)]
    np.testing.assert_allclose(answers[1], answers[0], atol=0.03)
    assert fused == [kind]


UNUSUAL: dict[str, dict[str, Any]] = {
    "whole numbers": {"x": np.arange(B * T * D, dtype="int64").reshape(X.shape) % 5},
    "bytes": {"x": np.arange(B * T * D, dtype="uint8").reshape(X.shape) % 5},
    "truth values": {"x": X > 0},
    "half precision": {"x": X.astype("float16")},
    "double precision": {"x": X.astype("float64")},
    "a mask of numbers": {"mask": MASKS["gaps"].astype("int32")},
    "a mask for every row": {"mask": MASKS["right"][1:2]},
    "no rows": {"x": X[:0], "mask": MASKS["right"][:0]},
}


@torch_only
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", UNUSUAL)
def test_what_keras_takes_is_taken(kind: str, case: str, path: str) -> None:
    stock, ours = twins(KINDS[kind](return_sequences=True))
    given = {"x": X, "mask": MASKS["right"], **UNUSUAL[case]}
    one, two = (layer(given["x"], mask=given["mask"]) for layer in (stock, ours))
    assert one.dtype == two.dtype
    np.testing.assert_allclose(ops.convert_to_numpy(two), ops.convert_to_numpy(one), atol=2e-5)


@torch_only
def test_whole_numbers_are_fused_and_one_state_for_every_row_is_left_to_keras(path: str, fused: list[str]) -> None:
    stock, ours = twins(layers.LSTM(H))
    assert tuple(ours((X > 0).astype("int32")).shape) == (B, H)
    assert fused == ["lstm"]
    states = [np.full((1, H), 0.3, "float32")] * 2
    one, two = (ops.convert_to_numpy(layer(X, initial_state=states)) for layer in (stock, ours))
    np.testing.assert_allclose(two, one, atol=2e-5)
    assert fused == ["lstm"]


@torch_only
@pytest.mark.parametrize("kind", [k for k in KINDS if k != "rnn_relu"])
def test_gradients_of_a_saturated_layer_are_as_exact_as_those_of_keras(kind: str, gradients: Gradients) -> None:
    """Inputs of tens drive most units to where a slope is the rounding of 1 - y^2, and multiply its error."""
    x = np.random.default_rng(6).normal(0, 30, X.shape).astype("float32")
    stock, ours = twins(KINDS[kind](return_sequences=True))
    exact = KINDS[kind](return_sequences=True, dtype="float64")
    exact.build(X.shape)
    exact.set_weights(stock.get_weights())
    found = []
    for layer, dtype in ((exact, "float64"), (stock, "float32"), (ours, "float32")):
        found.append(gradients(lambda x, layer=layer: ops.sum(layer(x)), layer, x.astype(dtype)))
    for truth, theirs, got in zip(*found, strict=True):
        allowed = max(3 * np.abs(theirs - truth).max(), 2e-6 * np.abs(truth).max())
        assert np.abs(got - truth).max() <= allowed


@torch_only
def test_a_trace_goes_to_keras(fused: list[str]) -> None:
    model = keras.Sequential([keras.Input((T, D)), layers.GRU(H)])
    accelerate(model)
    assert model.compute_output_spec(keras.KerasTensor((B, T, D))).shape == (B, H)
    assert fused == []


def classifier(encoder: Any) -> Any:
    """A model of ours whose layers are all genuine."""
    spec, word = Classification(name="classification"), Word(name="word")
    task = spec.restored({"labels": ("a", "b")}, TextPipeline((), word, word.build()))
    parts = Parts(
        embedding=Learned(name="learned", dimension=D).build(["", "[UNK]", "[SEP]", *"abcde"]),
        encoder=encoder.build(),
        pooler=lambda y, mask: ops.max(y, axis=1),
    )
    model = task.build_model(parts)
    initialise(model, 1)
    return model


TOKENS = np.array([[3, 4, 5, 0, 0], [1, 0, 0, 0, 0], [7, 6, 5, 4, 3]], dtype="int32")
OPEN = """
import json, sys, keras, numpy as np
model = keras.saving.load_model(sys.argv[1])
answer = model([np.array(json.loads(sys.argv[2]), "int32")])["logits"]
assert not any(name.partition(".")[0] == "kerasseq" for name in sys.modules)
print(json.dumps(keras.ops.convert_to_numpy(answer).tolist()))
"""


@pytest.mark.once
def test_a_saved_model_opens_in_plain_keras(tmp_path: Path) -> None:
    model = accelerate(classifier(LSTM(name="lstm", units=H, layers=2, residual=True, normalisation="layer")))
    model.save(tmp_path / "m.keras")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [sys.executable, "-c", OPEN, str(tmp_path / "m.keras"), json.dumps(TOKENS.tolist())]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = ops.convert_to_numpy(model([TOKENS])["logits"])
    np.testing.assert_allclose(np.array(json.loads(done.stdout)), expected, atol=1e-6)


@torch_only
@pytest.mark.parametrize("copy", ["load", "clone", "config", "deepcopy"])
def test_a_copy_is_plain_until_it_is_accelerated(copy: str, path: str, tmp_path: Path, fused: list[str]) -> None:
    model = accelerate(classifier(GRU(name="gru", units=H, layers=1)))
    before = ops.convert_to_numpy(model([TOKENS])["logits"])
    if copy == "load":
        model.save(tmp_path / "m.keras")
        other = keras.saving.load_model(tmp_path / "m.keras")
    elif copy == "deepcopy":
        other = deepcopy(model)
    else:
        other = keras.models.clone_model(model) if copy == "clone" else keras.Model.from_config(model.get_config())
        other.set_weights(model.get_weights())
    assert fused == ["gru"] * 2
    assert list(explain(other).values()) == ["keras: accelerate was not called"] * 2
    np.testing.assert_allclose(ops.convert_to_numpy(other([TOKENS])["logits"]), before, atol=1e-6)
    assert fused == ["gru"] * 2
    accelerate(other)
    assert list(explain(other)) == ["bigru_1/forward_gru_1", "bigru_1/backward_gru_1"]
    assert paths(other) == [path, path]
    np.testing.assert_array_equal(ops.convert_to_numpy(other([TOKENS])["logits"]), before)
    assert fused == ["gru"] * 4


@pytest.mark.skipif(TORCH, reason="what jax does with its own scan")
def test_on_jax_nothing_is_bound() -> None:
    layer = layers.GRU(H)
    layer.build(X.shape)
    assert list(explain(accelerate(layer)).values()) == ["keras: jax runs its own scan"]
    assert "inner_loop" not in vars(layer)
