"""Every recurrent encoder against float64 NumPy written from the equations in its docstring."""

# B batch, T time, D features, H units of one direction

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.encoders.recurrent import GRU, LSTM, SimpleRNN

B, T, D, H = 4, 6, 4, 4
LENGTHS = np.array([6, 3, 1, 0])
MASK = np.arange(T) < LENGTHS[:, None]
EVERYTHING = np.ones((B, T), dtype=bool)
X = np.random.default_rng(0).normal(size=(B, T, D)).astype("float32")

Array = np.ndarray[Any, Any]
Step = Callable[[Array, tuple[Array, ...]], tuple[Array, ...]]


def s(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def gates(weights: list[Array], count: int) -> tuple[list[Array], list[Array], Array]:
    """Input and recurrent matrices and biases of each gate, from Keras's `(D, count H)` blocks."""
    w, u, b = weights
    return np.split(w, count, axis=1), np.split(u, count, axis=1), np.split(b, count, axis=-1)


def simple_rnn(weights: list[Array], f: Callable[[Array], Array]) -> Step:
    w, u, b = weights
    return lambda x, state: (f(x @ w + state[0] @ u + b),)


def gru_after(weights: list[Array]) -> Step:
    (wz, wr, wn), (uz, ur, un), biases = gates(weights, 3)
    (bz, cz), (br, cr), (bn, cn) = biases

    def step(x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        h = state[0]
        z, r = s(x @ wz + h @ uz + bz + cz), s(x @ wr + h @ ur + br + cr)
        n = np.tanh(x @ wn + bn + r * (h @ un + cn))
        return (z * h + (1 - z) * n,)

    return step


def gru_before(weights: list[Array]) -> Step:
    (wz, wr, wn), (uz, ur, un), (bz, br, bn) = gates(weights, 3)

    def step(x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        h = state[0]
        z, r = s(x @ wz + h @ uz + bz), s(x @ wr + h @ ur + br)
        n = np.tanh(x @ wn + (r * h) @ un + bn)
        return (z * h + (1 - z) * n,)

    return step


def lstm(weights: list[Array]) -> Step:
    (wi, wf, wg, wo), (ui, uf, ug, uo), (bi, bf, bg, bo) = gates(weights, 4)

    def step(x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        h, c = state
        i, f, o = s(x @ wi + h @ ui + bi), s(x @ wf + h @ uf + bf), s(x @ wo + h @ uo + bo)
        g = np.tanh(x @ wg + h @ ug + bg)
        c = f * c + i * g
        return o * np.tanh(c), c

    return step


CELLS: dict[str, tuple[Callable[..., Any], Callable[[list[Array]], Step]]] = {
    "simple_rnn tanh": (partial(SimpleRNN, name="simple_rnn"), partial(simple_rnn, f=np.tanh)),
    "simple_rnn relu": (
        partial(SimpleRNN, name="simple_rnn", activation="relu"),
        partial(simple_rnn, f=lambda a: np.maximum(a, 0)),
    ),
    "gru reset after": (partial(GRU, name="gru"), gru_after),
    "gru reset before": (partial(GRU, name="gru", reset="before"), gru_before),
    "lstm": (partial(LSTM, name="lstm"), lstm),
}
SHAPES: dict[str, dict[str, Any]] = {
    "one layer": {"layers": 1, "bidirectional": False},
    "two bidirectional layers, layer norm": {"layers": 2, "bidirectional": True, "normalisation": "layer"},
    "three layers, residual": {"layers": 3, "bidirectional": False, "residual": True},
}


def model_of(stack: Any, seed: int = 1) -> Any:
    """A model `[x, mask] -> y` around a stack, with weights drawn the same on every backend, biases and scales too."""
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask], stack(x, mask=mask))
    random = np.random.default_rng(seed)
    model.set_weights([random.normal(0.1, 0.4, v.shape) + (v.path.endswith("variance")) for v in model.weights])
    return model


def run(model: Any, x: Array, mask: Array, training: bool = False) -> Array:
    inputs = [ops.convert_to_tensor(x), ops.convert_to_tensor(mask)]
    return ops.convert_to_numpy(model(inputs, training=training))


def unrolled(step: Step, x: Array, states: int) -> Array:
    """`(n, D)` -> `(n, H)`: the cell, a step at a time from a zero state."""
    state = tuple(np.zeros((1, H)) for _ in range(states))
    outputs = []
    for row in x:
        state = step(row[None], state)
        outputs.append(state[0][0])
    return np.array(outputs)


def layer_output(layer: Any, cell: Callable[[list[Array]], Step], x: Array) -> Array:
    """One layer on one unpadded text; the backward half reads it from its end and is turned round again."""
    both = isinstance(layer, keras.layers.Bidirectional)
    directions = [layer.forward_layer, layer.backward_layer] if both else [layer]
    halves = []
    for turn, direction in zip((1, -1), directions, strict=False):
        step = cell([w.astype("float64") for w in direction.get_weights()])
        states = 2 if isinstance(direction, keras.layers.LSTM) else 1
        halves.append(unrolled(step, x[::turn], states)[::turn])
    return np.concatenate(halves, axis=-1)


def expected(stack: Any, cell: Callable[[list[Array]], Step], x: Array) -> Array:
    """A stack on one unpadded text `(n, D)`: layers, residual connections, layer norm."""
    x = x.astype("float64")
    for layer, norm in zip(stack.layers, stack.norms, strict=True):
        y = layer_output(layer, cell, x)
        if stack.residual and x.shape == y.shape:
            y = x + y
        if norm is not None:
            gamma, beta = (w.astype("float64") for w in norm.get_weights())
            centred = y - y.mean(axis=-1, keepdims=True)
            y = gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) + beta
        x = y
    return x


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("cell", CELLS)
def test_an_encoder_follows_its_equations_masked_and_unmasked(cell: str, shape: str) -> None:
    make, equations = CELLS[cell]
    stack = make(units=H, **SHAPES[shape]).build()
    masked = run(model_of(stack), X, MASK)
    assert np.isfinite(masked).all()  # the all-masked text too
    for mask, y in ((MASK, masked), (EVERYTHING, ops.convert_to_numpy(stack(X)))):
        for row, valid, got in zip(X, mask, y, strict=True):
            if valid.any():
                np.testing.assert_allclose(got[valid], expected(stack, equations, row[valid]), rtol=2e-4, atol=2e-5)


def test_the_lectures_gru_is_ours_with_z_negated() -> None:
    """Reset before, `h' = (1 - z) h + z n`: z means new. `1 - s(a) = s(-a)`: negate `W_z`, `U_z` and `b_z`."""
    random = np.random.default_rng(3)
    w, u, b = (random.normal(0, 0.5, shape) for shape in ((D, 3 * H), (H, 3 * H), (3 * H,)))
    (wz, wr, wn), (uz, ur, un), (bz, br, bn) = gates([w, u, b], 3)
    h, lecture = np.zeros((B, H)), []
    for t in range(T):
        x = X[:, t].astype("float64")
        z, r = s(x @ wz + h @ uz + bz), s(x @ wr + h @ ur + br)
        n = np.tanh(x @ wn + (r * h) @ un + bn)
        h = (1 - z) * h + z * n
        lecture.append(h)
    stack = GRU(name="gru", units=H, layers=1, bidirectional=False, reset="before").build()
    model = model_of(stack)
    keep, negated = slice(H, None), slice(0, H)
    ours = [np.concatenate([-a[..., negated], a[..., keep]], axis=-1) for a in (w, u, b)]
    stack.layers[0].set_weights(ours)
    np.testing.assert_allclose(run(model, X, EVERYTHING), np.stack(lecture, axis=1), rtol=1e-4, atol=1e-5)
    stack.layers[0].set_weights([w, u, b])
    assert np.abs(run(model, X, EVERYTHING) - np.stack(lecture, axis=1)).max() > 0.1


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_at_padded_steps_reaches_a_valid_one(cell: str) -> None:
    """NaN or large numbers in the padding, more of it, other texts in the batch: the valid steps stay as they are."""
    stack = CELLS[cell][0](units=H, layers=1, normalisation="layer").build()
    model = model_of(stack)
    dirty = np.where(MASK[:, :, None], X, np.float32(np.nan))
    plain, with_nan = np.split(run(model, np.concatenate([X, dirty]), np.concatenate([MASK, MASK])), 2)
    np.testing.assert_allclose(with_nan[MASK], plain[MASK], rtol=1e-6, atol=1e-6)
    longer = np.concatenate([X, np.full((B, 10, D), 100, "float32")], axis=1)
    wider = np.concatenate([MASK, np.zeros((B, 10), dtype=bool)], axis=1)
    alone = run(model, longer[1:2], wider[1:2])
    np.testing.assert_allclose(alone[0, :3], plain[1, :3], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_takes_its_statistics_over_valid_steps_only(training: bool) -> None:
    """In training of the batch, afterwards the moving averages; NaN at padded steps reaches neither."""
    spec = SimpleRNN(name="simple_rnn", units=H, layers=1, bidirectional=False, normalisation="batch", dropout=0.0)
    stack = spec.build()
    model = model_of(stack)
    norm = stack.norms[0]
    gamma, beta, moving_mean, moving_variance = (w.astype("float64") for w in norm.get_weights())
    y = run(model, np.where(MASK[:, :, None], X, np.float32(np.nan)), MASK, training)
    cell = simple_rnn([w.astype("float64") for w in stack.layers[0].get_weights()], np.tanh)
    steps = np.concatenate(
        [unrolled(cell, row[valid].astype("float64"), 1) for row, valid in zip(X, MASK, strict=True) if valid.any()]
    )
    mean, variance = (steps.mean(axis=0), steps.var(axis=0)) if training else (moving_mean, moving_variance)
    np.testing.assert_allclose(y[MASK], gamma * (steps - mean) / np.sqrt(variance + 1e-3) + beta, rtol=1e-3, atol=1e-4)
    moved = [0.99 * moving_mean + 0.01 * mean, 0.99 * moving_variance + 0.01 * variance]
    for now, then in zip(norm.get_weights()[2:], moved, strict=True):
        np.testing.assert_allclose(now, then, rtol=1e-4, atol=1e-5)


def built(spec: Any) -> Any:
    """A stack whose weights are as they start."""
    stack = spec.build()
    stack(keras.Input((None, D)))
    return stack


def test_the_forget_gate_starts_at_one() -> None:
    spec = LSTM(name="lstm", units=H, layers=1, bidirectional=False)
    on, off = (built(spec.model_copy(update={"unit_forget_bias": b})).layers[0] for b in (True, False))
    expected = np.zeros(4 * H)
    expected[H : 2 * H] = 1
    np.testing.assert_array_equal(on.get_weights()[2], expected)
    np.testing.assert_array_equal(off.get_weights()[2], 0)


@pytest.mark.parametrize("cell", ["simple_rnn tanh", "gru reset after", "lstm"])
def test_recurrent_weights_start_orthogonal(cell: str) -> None:
    (layer,) = built(CELLS[cell][0](units=H, layers=1, bidirectional=False)).layers
    u = layer.get_weights()[1].astype("float64")
    np.testing.assert_allclose(u @ u.T, np.eye(H), atol=1e-5)


LIMITS = {
    "glorot_uniform": lambda i, o: np.sqrt(6 / (i + o)),
    "he_uniform": lambda i, o: np.sqrt(6 / i),
}


@pytest.mark.parametrize("initializer", LIMITS)
def test_input_weights_are_drawn_as_the_initializer_says(initializer: str) -> None:
    spec = SimpleRNN(name="simple_rnn", units=64, layers=1, bidirectional=False, kernel_initializer=initializer)
    w, limit = built(spec).layers[0].get_weights()[0], LIMITS[initializer](D, 64)
    assert 0.9 * limit < np.abs(w).max() <= limit * (1 + 1e-6)


@pytest.mark.parametrize("initializer", ["glorot_normal", "he_normal", "lecun_normal", "orthogonal"])
def test_each_initializer_reaches_input_and_recurrent_weights(initializer: str) -> None:
    spec = LSTM(name="lstm", units=H, kernel_initializer=initializer, recurrent_initializer=initializer)
    for layer in spec.build().layers:
        for direction in (layer.forward_layer, layer.backward_layer):
            kinds = type(direction.cell.kernel_initializer), type(direction.cell.recurrent_initializer)
            assert kinds == (type(keras.initializers.get(initializer)),) * 2


@pytest.mark.parametrize("layers", [1, 4])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_units_layers_and_directions_give_the_shapes_they_promise(layers: int, bidirectional: bool) -> None:
    spec = GRU(name="gru", units=7, layers=layers, bidirectional=bidirectional)
    stack = spec.build()
    assert stack(keras.Input((None, D))).shape == (None, None, 7 * spec.directions)
    assert len(stack.layers) == layers
    assert spec.directions == 1 + bidirectional


def test_dropout_acts_on_the_output_of_each_layer_in_training() -> None:
    stack = SimpleRNN(name="simple_rnn", units=64, layers=1, bidirectional=False, dropout=0.4).build()
    model = model_of(stack)
    share = (run(model, X, EVERYTHING, training=True) == 0).mean()
    assert abs(share - 0.4) < 5 * np.sqrt(0.24 / (B * T * 64))
    assert (run(model, X, EVERYTHING) != 0).all()
    deeper = SimpleRNN(name="simple_rnn", layers=3, dropout=0.4).build()
    assert [layer.rate for layer in deeper.dropouts] == [0.4] * 3


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_dropout_changes_later_steps_in_training_only(cell: str) -> None:
    spec = CELLS[cell][0](units=H, layers=1, bidirectional=False, dropout=0.0, recurrent_dropout=0.5)
    without = spec.model_copy(update={"recurrent_dropout": 0.0})
    model, plain = model_of(spec.build()), model_of(without.build())
    keras.utils.set_random_seed(0)
    trained, still = run(model, X, EVERYTHING, training=True), run(plain, X, EVERYTHING)
    np.testing.assert_allclose(trained[:, 0], still[:, 0], rtol=1e-5, atol=1e-6)
    assert np.abs(trained[:, 1:] - still[:, 1:]).max() > 1e-3
    np.testing.assert_allclose(run(model, X, EVERYTHING), still, rtol=1e-5, atol=1e-6)
