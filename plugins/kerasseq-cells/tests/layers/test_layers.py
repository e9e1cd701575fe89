"""Every cell and layer against its equations in float64 NumPy, row by row on the valid steps alone."""

# B batch, T time, D features in, U units

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops
from kerasseq_cells.layers import (
    ConvLSTMCell,
    IndRNNCell,
    LayerNormGRUCell,
    LayerNormLSTMCell,
    MinGRULayer,
    MinLSTMLayer,
    PeepholeLSTMCell,
    TransformerBlock,
)

from kerasseq.backend.gradients import gradients

B, T, D, U = 4, 6, 5, 4
MASKS = {
    "right": np.arange(T) < np.array([[6], [4], [1], [3]]),
    "left": np.arange(T) >= np.array([[0], [3], [5], [2]]),
    "gaps": np.array([[1, 0, 1, 0, 0, 1], [0, 1, 0, 1, 1, 0], [0, 0, 0, 1, 0, 0], [1, 1, 1, 1, 1, 1]]) > 0,
    "one row all masked": np.arange(T) < np.array([[2], [0], [6], [5]]),
}
Array = Any
Walk = Callable[[list[Array], Array], Array]


def s(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def norm(x: Array) -> Array:
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5)


def peephole(weights: list[Array], x: Array) -> Array:
    w, u, b, (p_i, p_f, p_o) = weights
    h, c, steps = np.zeros(U), np.zeros(U), []
    for row in x:
        i, f, g, o = np.split(row @ w + h @ u + b, 4)
        c = s(f + p_f * c) * c + s(i + p_i * c) * np.tanh(g)
        h = s(o + p_o * c) * np.tanh(c)
        steps.append(h)
    return np.array(steps)


def layer_norm_lstm(weights: list[Array], x: Array) -> Array:
    w, u, b, of_input, of_state, of_cell, cell_bias = weights
    h, c, steps = np.zeros(U), np.zeros(U), []
    for row in x:
        i, f, g, o = np.split(norm(row @ w) * of_input + norm(h @ u) * of_state + b, 4)
        c = s(f) * c + s(i) * np.tanh(g)
        h = s(o) * np.tanh(norm(c) * of_cell + cell_bias)
        steps.append(h)
    return np.array(steps)


def layer_norm_gru(weights: list[Array], x: Array) -> Array:
    w, u, *rest = weights
    (g1, b1), (g2, b2), (g3, b3), (g4, b4) = zip(rest[::2], rest[1::2], strict=True)
    h, steps = np.zeros(U), []
    for row in x:
        inner, outer = row @ w, h @ u
        z, r = np.split(s(norm(inner[: 2 * U]) * g1 + b1 + norm(outer[: 2 * U]) * g2 + b2), 2)
        n = np.tanh(norm(inner[2 * U :]) * g3 + b3 + r * (norm(outer[2 * U :]) * g4 + b4))
        h = (1 - z) * h + z * n
        steps.append(h)
    return np.array(steps)


def ind_rnn(weights: list[Array], x: Array) -> Array:
    w, own, b = weights
    h, steps = np.zeros(U), []
    for row in x:
        h = np.maximum(row @ w + own * h + b, 0)
        steps.append(h)
    return np.array(steps)


def conv_lstm(weights: list[Array], x: Array) -> Array:
    w, u, b = weights  # (3, 1, 4 F), (3, F, 4 F)
    filters = u.shape[1]

    def convolved(rows: Array, kernel: Array) -> Array:
        padded = np.pad(rows, ((1, 1), (0, 0)))
        return sum(padded[n : n + D] @ kernel[n] for n in range(3))

    h, c, steps = np.zeros((D, filters)), np.zeros((D, filters)), []
    for row in x:
        i, f, g, o = np.split(convolved(row[:, None], w) + convolved(h, u) + b, 4, axis=-1)
        c = s(f) * c + s(i) * np.tanh(g)
        h = s(o) * np.tanh(c)
        steps.append(h.ravel())
    return np.array(steps)


def min_gru(weights: list[Array], x: Array) -> Array:
    w, b = weights
    h, steps = np.zeros(U), []
    for row in x:
        z, new = np.split(row @ w + b, 2)
        h = (1 - s(z)) * h + s(z) * new
        steps.append(h)
    return np.array(steps)


def min_lstm(weights: list[Array], x: Array) -> Array:
    w, b = weights
    h, steps = np.zeros(U), []
    for row in x:
        f, i, new = np.split(row @ w + b, 3)
        h = (s(f) * h + s(i) * new) / (s(f) + s(i))
        steps.append(h)
    return np.array(steps)


CELLS: dict[str, tuple[Callable[[], Any], Walk]] = {
    "peephole": (lambda: PeepholeLSTMCell(U), peephole),
    "layer norm lstm": (lambda: LayerNormLSTMCell(U), layer_norm_lstm),
    "layer norm gru": (lambda: LayerNormGRUCell(U), layer_norm_gru),
    "ind rnn": (lambda: IndRNNCell(U), ind_rnn),
    "conv lstm": (lambda: ConvLSTMCell(2, 3), conv_lstm),
}
LAYERS: dict[str, tuple[Callable[..., Any], Walk]] = {
    "min gru": (lambda both: MinGRULayer(U, both), min_gru),
    "min lstm": (lambda both: MinLSTMLayer(U, both), min_lstm),
}
LAYERS |= {name: (lambda both, make=make: _rnn(make(), both), walk) for name, (make, walk) in CELLS.items()}


def _rnn(cell: Any, both: bool) -> Any:
    layer = keras.layers.RNN(cell, return_sequences=True)
    layer.supports_masking = True
    return keras.layers.Bidirectional(layer) if both else layer


def drawn(layer: Any, seed: int = 0) -> np.ndarray:
    """Inputs; the layer has random weights."""
    random = np.random.default_rng(seed)
    layer.build((B, T, D))
    layer.set_weights([random.normal(size=weight.shape) for weight in layer.weights])
    return random.normal(size=(B, T, D)).astype(np.float32)


@pytest.mark.parametrize("both", [False, True], ids=["forward", "both"])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", LAYERS)
def test_the_valid_steps_are_those_of_the_equations(name: str, mask: str, both: bool) -> None:
    make, walk = LAYERS[name]
    layer, valid = make(both), MASKS[mask]
    x = drawn(layer)
    found = ops.convert_to_numpy(layer(x, mask=ops.convert_to_tensor(valid)))
    weights = [ops.convert_to_numpy(weight).astype(np.float64) for weight in layer.weights]
    half = len(weights) // 2 if both else len(weights)
    for row in range(B):
        steps = x[row][valid[row]].astype(np.float64)
        wanted = [walk(weights[:half], steps)]
        if both:
            wanted.append(walk(weights[half:], steps[::-1])[::-1])
        if len(steps):
            np.testing.assert_allclose(found[row][valid[row]], np.concatenate(wanted, axis=-1), atol=2e-5)


@pytest.mark.parametrize("mask", MASKS)
def test_the_block_attends_as_its_equations_say(mask: str) -> None:
    layer, valid = TransformerBlock(8, 2, 7), MASKS[mask]
    x = drawn(layer)
    found = ops.convert_to_numpy(layer(x, mask=ops.convert_to_tensor(valid)))
    assert np.isfinite(found).all()
    weights = {weight.path.split("/", 1)[-1]: ops.convert_to_numpy(weight).astype(float) for weight in layer.weights}

    def dense(name: str, rows: Array) -> Array:
        return rows @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]

    def normed(name: str, rows: Array) -> Array:
        return np.array([norm(row) for row in rows]) * weights[f"{name}/gamma"] + weights[f"{name}/beta"]

    angles = np.arange(T)[:, None] / 10_000 ** (np.arange(4) / 4)
    places = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    for row in range(B):
        if not valid[row].any():
            continue
        steps = dense("enter", x[row][valid[row]].astype(float))
        steps = steps + places[: len(steps)]
        query, key, value = (np.split(dense(name, steps), 2, axis=1) for name in ("query", "key", "value"))
        heads = []
        for q, k, v in zip(query, key, value, strict=True):
            powers = np.exp(q @ k.T / 2)
            heads.append(powers / powers.sum(axis=1, keepdims=True) @ v)
        steps = normed("norm_1", steps + dense("join", np.concatenate(heads, axis=1)))
        steps = normed("norm_2", steps + dense("narrow", np.maximum(dense("widen", steps), 0)))
        np.testing.assert_allclose(found[row][valid[row]], steps, atol=2e-4)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    make, walk = LAYERS[name]
    layer, valid = make(False), MASKS["right"]
    x = drawn(layer, 1)
    weigh = np.random.default_rng(2).normal(size=layer.compute_output_shape((B, T, D)))
    seen = weigh * valid[:, :, None]

    def loss(given: Any) -> Any:
        return ops.sum(layer(given, mask=ops.convert_to_tensor(valid)) * ops.convert_to_tensor(seen.astype(np.float32)))

    weights = [ops.convert_to_numpy(weight).astype(float) for weight in layer.weights]

    def exact(changed: Array) -> float:
        return sum((walk(weights, changed[row][valid[row]]) * weigh[row][valid[row]]).sum() for row in range(B))

    way = np.random.default_rng(3).normal(size=x.shape)
    slope = (exact(x + 1e-6 * way) - exact(x - 1e-6 * way)) / 2e-6
    [by_x], _ = gradients(lambda given: (loss(given[0]), []), [x])
    assert float((by_x * way).sum()) == pytest.approx(slope, rel=2e-3, abs=2e-3)


def test_places_are_told_apart_in_bfloat16_beyond_256_steps() -> None:
    places = [
        ops.convert_to_numpy(ops.cast(TransformerBlock(8, 2, 4)._places(ops.zeros((1, 400, 8), kind), None), "float32"))
        for kind in ("float32", "bfloat16")
    ]
    np.testing.assert_allclose(places[1], places[0], atol=4e-3)
    assert len(np.unique(places[1][0], axis=0)) > 390


@pytest.mark.parametrize("make", [*(make for make, _ in LAYERS.values()), lambda both: TransformerBlock(8, 2, 7, 0.1)])
def test_a_saved_layer_opens_with_its_numbers(make: Callable[..., Any], tmp_path: Path) -> None:
    layer = make(True)
    x = drawn(layer)
    inputs = keras.Input((None, D))
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(ops.convert_to_numpy(again(x)), ops.convert_to_numpy(model(x)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: PeepholeLSTMCell(0),
        lambda: IndRNNCell(0),
        lambda: ConvLSTMCell(0, 3),
        lambda: MinGRULayer(0),
        lambda: TransformerBlock(9, 3, 4),
    ],
)
def test_sizes_that_cannot_be_are_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="at least 1|must be even"):
        make()
