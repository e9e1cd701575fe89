"""torch's fused kernel does what Keras's optimizers do, in Keras's variables."""

import logging
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

if keras.backend.backend() != "torch":
    pytest.skip("torch's kernel", allow_module_level=True)

import torch

from kerasseq.backend.torch_optimizer import Updater
from kerasseq.config.settings import TrainingSettings
from kerasseq.training.optimizer import make_optimizer, set_learning_rate

SHAPES = {"embeddings": (40, 8), "kernel": (8, 12), "bias": (12,), "gamma": (12,)}
START = {name: np.random.default_rng(0).normal(0, 0.3, shape) for name, shape in SHAPES.items()}
RATE, DECAY = 0.02, 0.3


def variables() -> list[Any]:
    return [keras.Variable(value.astype("float32"), name=name) for name, value in START.items()]


def gradients(update: int) -> list[Any]:
    """Of many sizes, and zeros in some rows as in the gradient of a table."""
    random = np.random.default_rng(update)
    drawn = [random.normal(0, 10.0 ** random.integers(-6, 2), shape) for shape in SHAPES.values()]
    drawn[0][random.random(40) < 0.7] = 0
    return [g.astype("float32") for g in drawn]


def rate(update: int) -> float:
    return float(RATE * 0.99**update)


def numpy(variables: list[Any]) -> list[Any]:
    return [np.array(ops.convert_to_numpy(v.value)) for v in variables]


def optimizer(name: str, **settings: Any) -> Any:
    return make_optimizer(TrainingSettings(optimizer=name, learning_rate=RATE, weight_decay=DECAY, **settings))


def run(made: Any, updates: range, weights: list[Any], apply: Callable[[list[Any]], None]) -> list[Any]:
    for update in updates:
        set_learning_rate(made, rate(update))
        apply([torch.tensor(g) for g in gradients(update)])
    return numpy([*weights, *made.variables])


def fused(made: Any, updates: range, weights: list[Any], divisor: float = 1.0) -> list[Any]:
    updater = Updater(made, weights)
    assert updater.path == "fused"
    return run(made, updates, weights, lambda found: updater.apply(found, torch.tensor(divisor)))


def equations(updates: int, divisor: float = 1.0) -> list[Any]:
    """Decoupled decay, then Adam with Keras's epsilon (Kingma & Ba, 2015, the last line of section 2), in float64."""
    weights = [value.astype("float32").astype("float64") for value in START.values()]
    first, second = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for update in range(updates):
        t, lr = update + 1, float(np.float32(rate(update)))
        for w, m, v, g, name in zip(weights, first, second, gradients(update), SHAPES, strict=True):
            g = g.astype("float64") / divisor
            w -= lr * DECAY * w if name in ("embeddings", "kernel") else 0
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            w -= lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7)
    return weights


@pytest.mark.parametrize("name", ["adamw", "adam"])
@pytest.mark.parametrize("updates", [1, 10, 200])
def test_weights_and_state_are_those_of_keras(name: str, updates: int) -> None:
    ours, theirs = optimizer(name), optimizer(name)
    weights, reference = variables(), variables()
    theirs.build(reference)
    with torch.no_grad():
        expected = run(theirs, range(updates), reference, lambda found: theirs.apply(found, reference))
    found = fused(ours, range(updates), weights)
    assert len(found) == len(expected)
    assert int(ours.iterations.value) == updates
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("updates", [1, 10, 200])
@pytest.mark.parametrize("divisor", [1.0, 7.5])
def test_weights_are_those_of_the_equations(updates: int, divisor: float) -> None:
    weights = variables()
    fused(optimizer("adamw"), range(updates), weights, divisor)
    for found, expected in zip(numpy(weights), equations(updates, divisor), strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=3e-6)


def test_biases_and_scales_are_spared_from_decay() -> None:
    made, weights = optimizer("adamw"), variables()
    updater = Updater(made, weights)
    updater.apply([torch.zeros(shape) for shape in SHAPES.values()], torch.tensor(1.0))
    for value, (name, start) in zip(numpy(weights), START.items(), strict=True):
        kept = 1.0 if name in ("bias", "gamma") else 1 - RATE * DECAY
        np.testing.assert_allclose(value, kept * start, rtol=1e-6, err_msg=name)


def test_state_taken_over_goes_on_bitwise_and_also_under_keras_itself() -> None:
    weights = variables()
    whole = fused(optimizer("adamw"), range(20), weights)
    state = fused(optimizer("adamw"), range(9), variables())

    def taken_over() -> tuple[Any, list[Any]]:
        made, others = optimizer("adamw"), variables()
        made.build(others)
        for variable, value in zip([*others, *made.variables], state, strict=True):
            variable.assign(value)
        return made, others

    again, others = taken_over()
    for a, b in zip(fused(again, range(9, 20), others), whole, strict=True):
        np.testing.assert_array_equal(a, b)
    keras_goes_on, others = taken_over()
    with torch.no_grad():
        found = run(keras_goes_on, range(9, 20), others, lambda found: keras_goes_on.apply(found, others))
    for a, b in zip(found, whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


def test_some_of_the_variables_may_be_updated_alone() -> None:
    made, weights = optimizer("adamw"), variables()
    Updater(made, weights)
    before = numpy(weights)
    updater = Updater(made, weights[1:3])
    updater.apply([torch.ones(12).expand(8, 12).contiguous(), torch.ones(12)], torch.tensor(1.0))
    moved = [not np.array_equal(a, b) for a, b in zip(numpy(weights), before, strict=True)]
    assert moved == [False, True, True, False]


class Mine(keras.optimizers.Adam):  # type: ignore[misc]
    """A subclass may compute anything."""


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: optimizer("sgd"), "SGD is not Keras's Adam or AdamW"),
        (lambda: optimizer("rmsprop"), "RMSprop is not Keras's Adam or AdamW"),
        (lambda: keras.optimizers.Nadam(), "Nadam is not Keras's Adam or AdamW"),
        (lambda: Mine(), "Mine is not Keras's Adam or AdamW"),
        (lambda: keras.optimizers.Adam(amsgrad=True), "amsgrad"),
        (lambda: keras.optimizers.AdamW(use_ema=True), "use_ema"),
        (lambda: keras.optimizers.Adam(clipnorm=1.0), "clipping by the optimizer"),
        (lambda: keras.optimizers.Adam(clipvalue=1.0), "clipping by the optimizer"),
        (lambda: keras.optimizers.Adam(global_clipnorm=1.0), "clipping by the optimizer"),
        (lambda: keras.optimizers.Adam(loss_scale_factor=2.0), "loss_scale_factor"),
        (lambda: keras.optimizers.Adam(gradient_accumulation_steps=2), "gradient_accumulation_steps"),
    ],
)
def test_what_the_kernel_does_not_cover_keras_applies(made: Callable[[], Any], reason: str) -> None:
    ours, theirs = made(), made()
    weights, reference = variables(), variables()
    theirs.build(reference)
    updater = Updater(ours, weights)
    assert updater.path == f"keras: {reason}"
    for update in range(4):
        updater.apply([torch.tensor(g) for g in gradients(update)], torch.tensor(2.0))
        with torch.no_grad():
            theirs.apply([torch.tensor(g / 2) for g in gradients(update)], reference)
    for a, b in zip(numpy([*weights, *ours.variables]), numpy([*reference, *theirs.variables]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_weights_that_the_kernel_cannot_take_are_left_to_keras() -> None:
    bound = keras.Variable(np.ones(3, "float32"), name="bound")
    bound.constraint = keras.constraints.NonNeg()
    assert Updater(keras.optimizers.Adam(), [bound]).path == "keras: a constraint"
    half = keras.Variable(np.ones(3), dtype="float16", name="half")
    assert Updater(keras.optimizers.Adam(), [half]).path == "keras: weights that are not float32"


def test_a_learning_rate_schedule_is_followed() -> None:
    made = keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5))
    same = keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5))
    weights, reference = variables(), variables()
    same.build(reference)
    updater = Updater(made, weights)
    assert updater.path == "fused"
    for update in range(5):
        updater.apply([torch.tensor(g) for g in gradients(update)], torch.tensor(1.0))
        with torch.no_grad():
            same.apply([torch.tensor(g) for g in gradients(update)], reference)
    for a, b in zip(numpy(weights), numpy(reference), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


def test_the_log_says_which_path_is_taken(caplog: pytest.LogCaptureFixture, make: Any) -> None:
    with caplog.at_level(logging.INFO, "kerasseq"):
        make("adamw")
        make("sgd")
    assert [record.getMessage() for record in caplog.records] == [
        "optimizer AdamW: fused",
        "optimizer SGD: keras: SGD is not Keras's Adam or AdamW",
    ]


@pytest.fixture
def make() -> Callable[[str], None]:
    """`make(name)`: one step of an engine with the optimizer of that name."""
    from kerasseq.backend.engine import make_engine
    from kerasseq.corpus.examples import Batch

    def step(name: str) -> None:
        tokens = keras.Input((None,), dtype="int32", name="tokens")
        x = keras.layers.GlobalMaxPooling1D()(keras.layers.Embedding(5, 3)(tokens))
        model = keras.Model([tokens], {"score": keras.layers.Dense(1)(x)})
        engine = make_engine(model, lambda outputs, targets: outputs["score"][:, 0] * targets, optimizer(name), 1.0, 8)
        rows = np.arange(2)
        for _ in range(2):
            inputs = {"tokens": np.ones((2, 4), "int32")}
            engine.train([Batch(inputs, rows.astype("float32"), np.ones(2, "float32"), rows)])

    return step
