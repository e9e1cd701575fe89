"""Every pooling layer against float64 NumPy, under every kind of mask."""

# B batch, T time, U features

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from kerasseq.layers import AttentionPooling, LastPooling, MaxPooling, MeanPooling, SumPooling

Gradients = Callable[..., list[np.ndarray]]

B, T, U = 4, 7, 6
STEPS = np.arange(T)

MASKS = {
    "right": STEPS < np.array([[7], [4], [1], [3]]),
    "left": STEPS >= np.array([[0], [3], [6], [5]]),
    "gaps": np.array([[1, 0, 1, 0, 0, 1, 0], [0, 1, 0, 1, 1, 0, 0], [0, 0, 0, 1, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1]]) > 0,
    "one row all masked": STEPS < np.array([[2], [0], [7], [5]]),
    "all masked": np.zeros((B, T), dtype=bool),
}

LAYERS = {
    "sum": SumPooling,
    "mean": MeanPooling,
    "max": MaxPooling,
    "last": partial(LastPooling, 1),
    "last of two": partial(LastPooling, 2),
    "attention": partial(AttentionPooling, 5),
}


def features(seed: int = 0, shape: tuple[int, ...] = (B, T, U)) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def built(name: str) -> keras.layers.Layer:
    """The layer with weights that are drawn the same on every backend, biases included."""
    layer = LAYERS[name]()
    layer.build((None, None, U))
    random = np.random.default_rng(7)
    layer.set_weights([random.normal(size=v.shape) for v in layer.weights])
    return layer


def pooled(layer: keras.layers.Layer, x: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    return ops.convert_to_numpy(first(layer(x, mask=None if mask is None else ops.convert_to_tensor(mask))))


def first(out: Any) -> Any:
    """The vector of a pooler that may give weights beside it."""
    return out[0] if isinstance(out, tuple) else out


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def attention_weights(steps: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    kernel, bias, context = (w.astype("float64") for w in weights)
    return softmax((np.tanh(steps @ kernel + bias) @ context)[:, 0])


def expected(name: str, x: np.ndarray, mask: np.ndarray | None, weights: list[np.ndarray]) -> np.ndarray:
    """The definition, row by row, on the valid steps alone."""
    rows = []
    for row, valid in zip(x.astype("float64"), np.ones(x.shape[:2], bool) if mask is None else mask, strict=True):
        steps, half = row[valid], row.shape[1] // 2
        if not len(steps):
            rows.append(np.zeros(row.shape[1]))
        elif name == "attention":
            rows.append(attention_weights(steps, weights) @ steps)
        elif name == "last of two":
            rows.append(np.concatenate([steps[-1, :half], steps[0, half:]]))
        else:
            reduce = {"sum": np.sum, "mean": np.mean, "max": np.max, "last": lambda s, axis: s[-1]}[name]
            rows.append(reduce(steps, axis=0))
    return np.array(rows)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", LAYERS)
def test_a_pooler_gives_what_its_definition_gives_on_the_valid_steps(name: str, mask: str) -> None:
    x, layer = features(), built(name)
    np.testing.assert_allclose(
        pooled(layer, x, MASKS[mask]), expected(name, x, MASKS[mask], layer.get_weights()), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("name", LAYERS)
def test_without_a_mask_every_step_counts(name: str) -> None:
    x, layer = features(1), built(name)
    everything = np.ones((B, T), dtype=bool)
    np.testing.assert_allclose(
        pooled(layer, x, None), expected(name, x, None, layer.get_weights()), rtol=1e-5, atol=1e-5
    )
    np.testing.assert_allclose(pooled(layer, x, None), pooled(layer, x, everything), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, T, U), (B, 1, U), (1, 1, U)], ids=["one text", "one step", "one of each"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_batch_of_one_text_and_a_text_of_one_step_work(name: str, shape: tuple[int, ...]) -> None:
    x, layer = features(2, shape), built(name)
    mask = np.ones(shape[:2], dtype=bool)
    mask[-1, -1] = shape[1] == 1
    np.testing.assert_allclose(
        pooled(layer, x, mask), expected(name, x, mask, layer.get_weights()), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("mask", ["right", "left", "gaps", "one row all masked"])
@pytest.mark.parametrize("name", LAYERS)
def test_ten_more_padded_steps_change_nothing(name: str, mask: str) -> None:
    x, layer = features(3), built(name)
    longer = np.concatenate([x, 100 * features(4, (B, 10, U))], axis=1)
    wider = np.concatenate([MASKS[mask], np.zeros((B, 10), dtype=bool)], axis=1)
    np.testing.assert_allclose(pooled(layer, longer, wider), pooled(layer, x, MASKS[mask]), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_a_text_does_not_see_its_neighbours(name: str) -> None:
    x, layer, mask = features(5), built(name), MASKS["right"]
    alone = np.concatenate([pooled(layer, x[i : i + 1], mask[i : i + 1]) for i in range(B)])
    np.testing.assert_allclose(pooled(layer, x, mask), alone, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_nan_and_infinity_at_masked_steps_do_not_leak(name: str) -> None:
    x, layer = features(6), built(name)
    for mask in MASKS.values():
        for garbage in (np.nan, np.inf, -np.inf):
            dirty = np.where(mask[:, :, None], x, np.float32(garbage))
            np.testing.assert_allclose(pooled(layer, dirty, mask), pooled(layer, x, mask), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_those_of_the_definition_and_zero_at_masked_steps(name: str, gradients: Gradients) -> None:
    x, layer, mask = features(7), built(name), MASKS["one row all masked"]
    by_x, *by_weights = gradients(
        lambda inputs: ops.sum(ops.square(first(layer(inputs, mask=ops.convert_to_tensor(mask))))), layer, x
    )
    assert all(np.isfinite(g).all() for g in by_weights)
    assert not by_x[~mask].any()
    for place in map(tuple, np.argwhere(np.ones(x.shape, bool))[::5]):
        up, down = x.astype("float64"), x.astype("float64")
        up[place] += 1e-5
        down[place] -= 1e-5
        losses = [np.square(expected(name, at, mask, layer.get_weights())).sum() for at in (up, down)]
        np.testing.assert_allclose(by_x[place], (losses[0] - losses[1]) / 2e-5, rtol=1e-3, atol=1e-4)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), steps=st.sampled_from([1, 5]), share=st.floats(0, 1))
def test_attention_weights_sum_to_one_over_valid_steps_and_are_zero_elsewhere(
    seed: int, steps: int, share: float
) -> None:
    x = 5 * features(seed, (3, steps, U))
    mask = np.random.default_rng(seed).random((3, steps)) < share
    layer = built("attention")
    weights = ops.convert_to_numpy(layer(x, mask=ops.convert_to_tensor(mask))[1])
    np.testing.assert_allclose(weights.sum(axis=1), mask.any(axis=1), atol=1e-6)
    assert not weights[~mask].any()
    for row, valid, got in zip(x.astype("float64"), mask, weights, strict=True):
        if valid.any():
            np.testing.assert_allclose(got[valid], attention_weights(row[valid], layer.get_weights()), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("max", "mixed_float16"), ("attention", "mixed_float16"), ("attention", "mixed_bfloat16")],
)
def test_half_precision_stays_finite_with_an_all_masked_row(name: str, dtype: str, gradients: Gradients) -> None:
    layer, mask = LAYERS[name](dtype=dtype), ops.convert_to_tensor(MASKS["one row all masked"])
    layer.build((None, None, U))
    assert all(
        np.isfinite(g).all() for g in gradients(lambda x: ops.sum(first(layer(x, mask=mask))), layer, features())
    )


@pytest.mark.parametrize("name", LAYERS)
def test_a_saved_model_gives_the_same_numbers_when_opened(name: str, tmp_path: Path) -> None:
    x, layer = features(9), built(name)
    mask = MASKS["gaps"]
    inputs = keras.Input((None, U)), keras.Input((None,), dtype="bool")
    model = keras.Model(inputs, layer(inputs[0], mask=inputs[1]))
    model.save(tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    for before, after in zip(
        *(m([x, mask]) if name == "attention" else [m([x, mask])] for m in (model, opened)), strict=True
    ):
        np.testing.assert_array_equal(ops.convert_to_numpy(after), ops.convert_to_numpy(before))
    assert [tuple(o.shape) for o in opened.outputs] == [(None, U), (None, None)][: 1 + (name == "attention")]


@pytest.mark.parametrize("name", LAYERS)
def test_a_pooled_vector_has_no_mask(name: str) -> None:
    layer = built(name)
    assert not any(layer.compute_mask(None, None) or [None])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LastPooling(3), "directions must be 1 or 2. Received: directions=3"),
        (lambda: AttentionPooling(0), "units must be at least 1. Received: units=0"),
    ],
)
def test_a_setting_outside_its_range_is_refused_with_its_value(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
