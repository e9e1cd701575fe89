"""Every layer against float64 NumPy, row by row on the valid steps alone, under every kind of mask."""

# B batch, T time, U features

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops
from kerasseq_poolers.layers import (
    ConcatPooling,
    Conv2DPooling,
    GatedPooling,
    HierarchicalPooling,
    LastKPooling,
    SelfAttentionPooling,
    TopKMeanPooling,
)

from kerasseq.layers import AttentionPooling, MaxPooling

B, T, U = 4, 7, 6
STEPS = np.arange(T)

MASKS = {
    "right": STEPS < np.array([[7], [4], [1], [3]]),
    "left": STEPS >= np.array([[0], [3], [6], [5]]),
    "gaps": np.array([[1, 0, 1, 0, 0, 1, 0], [0, 1, 0, 1, 1, 0, 0], [0, 0, 0, 1, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1]]) > 0,
    "one row all masked": STEPS < np.array([[2], [0], [7], [5]]),
    "all masked": np.zeros((B, T), dtype=bool),
}

LAYERS: dict[str, Callable[..., Any]] = {
    "self attention": partial(SelfAttentionPooling, 3, 5),
    "one head": partial(SelfAttentionPooling, 1, 2),
    "gated": partial(GatedPooling, 5),
    "last 3": partial(LastKPooling, 3),
    "last 3 of two": partial(LastKPooling, 3, 2),
    "last 20": partial(LastKPooling, 20),
    "top 1": partial(TopKMeanPooling, 1),
    "top 3": partial(TopKMeanPooling, 3),
    "top 20": partial(TopKMeanPooling, 20),
    "windows 1": partial(HierarchicalPooling, 1),
    "windows 3": partial(HierarchicalPooling, 3),
    "windows 20": partial(HierarchicalPooling, 20),
    "conv2d 3 2 1": partial(Conv2DPooling, 5, 3, 2, 1),
    "conv2d 2 4 3": partial(Conv2DPooling, 2, 2, 4, 3),
    "concat": lambda **options: ConcatPooling([LastKPooling(3), MaxPooling(), GatedPooling(5)], **options),
}


def features(seed: int = 0, shape: tuple[int, ...] = (B, T, U)) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def built(name: str) -> keras.layers.Layer:
    """The layer with weights that are drawn the same on every backend."""
    layer = LAYERS[name]()
    layer.build((None, None, U))
    random = np.random.default_rng(7)
    layer.set_weights([random.normal(size=v.shape) for v in layer.weights])
    return layer


def first(out: Any) -> Any:
    return out[0] if isinstance(out, tuple) else out


def outputs(layer: keras.layers.Layer, x: np.ndarray, mask: np.ndarray | None) -> list[np.ndarray]:
    out = layer(x, mask=None if mask is None else ops.convert_to_tensor(mask))
    return [ops.convert_to_numpy(each) for each in (out if isinstance(out, tuple) else (out,))]


def pooled(layer: keras.layers.Layer, x: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    return outputs(layer, x, mask)[0]


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=0))
    return powers / powers.sum(axis=0)


def attention(name: str, steps: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """Weights of the steps for each head, `(n, R)`."""
    if name == "gated":
        kernel, gate, context = weights
        return softmax((np.tanh(steps @ kernel) * (1 / (1 + np.exp(-(steps @ gate))))) @ context)
    kernel, context = weights
    return softmax(np.tanh(steps @ kernel) @ context)


def windows(steps: np.ndarray, size: int) -> np.ndarray:
    """Means of windows, `(n - size + 1, U)`; of fewer steps their mean."""
    size = min(size, len(steps))
    return np.array([steps[at : at + size].mean(axis=0) for at in range(len(steps) - size + 1)])


def convolved(steps: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The answers of the filters, `(n, U, F)`, each from the numbers that it sees."""
    size = kernel.shape[0]
    around = ((size - 1) // 2, size // 2)
    plane = np.pad(steps, (around, around))
    seen = np.zeros((*steps.shape, kernel.shape[-1]))
    for t, u in np.ndindex(steps.shape):
        seen[t, u] = np.tensordot(plane[t : t + size, u : u + size], kernel[:, :, 0], axes=2) + bias
    return np.maximum(seen, 0)


def conv2d(steps: np.ndarray, weights: list[np.ndarray], group: int, parts: int) -> np.ndarray:
    seen, (n, features) = convolved(steps, *weights), steps.shape
    most = []
    for part in range(parts):
        within = seen[math.floor(part * n / parts) : math.ceil((part + 1) * n / parts)]
        most += [within[:, at : at + group].max(axis=(0, 1)) for at in range(0, features, group)]
    return np.concatenate(most)


def of_row(name: str, steps: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """The definition, on the valid steps of one text, of which there is at least one."""
    if name in ("self attention", "one head", "gated"):
        return np.concatenate([head @ steps for head in attention(name, steps, weights).T])
    if name == "concat":
        return np.concatenate([steps[-3:].mean(axis=0), steps.max(axis=0), of_row("gated", steps, weights)])
    if name == "last 3 of two":
        half = steps.shape[1] // 2
        return np.concatenate([steps[-3:, :half].mean(axis=0), steps[:3, half:].mean(axis=0)])
    kind, k, *more = name.split()
    if kind == "windows":
        return windows(steps, int(k)).max(axis=0)
    if kind == "conv2d":
        return conv2d(steps, weights, int(more[0]), int(more[1]))
    chosen = steps if kind == "last" else np.sort(steps, axis=0)
    return chosen[-int(k) :].mean(axis=0)


def expected(name: str, x: np.ndarray, mask: np.ndarray | None, layer: keras.layers.Layer) -> np.ndarray:
    weights = [w.astype("float64") for w in layer.get_weights()]
    valid = np.ones(x.shape[:2], dtype=bool) if mask is None else mask
    width = len(of_row(name, np.ones((1, x.shape[2])), weights))
    rows = [row[keep].astype("float64") for row, keep in zip(x, valid, strict=True)]
    return np.array([of_row(name, row, weights) if len(row) else np.zeros(width) for row in rows])


@pytest.mark.parametrize("name", LAYERS)
def test_a_pooler_gives_what_its_definition_gives_on_the_valid_steps(name: str) -> None:
    x, layer = features(), built(name)
    for mask in (None, *MASKS.values()):
        np.testing.assert_allclose(pooled(layer, x, mask), expected(name, x, mask, layer), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_a_batch_of_one_text_and_a_text_of_one_step_work(name: str) -> None:
    layer = built(name)
    for shape in ((1, T, U), (B, 1, U), (1, 1, U)):
        x, mask = features(2, shape), np.ones(shape[:2], dtype=bool)
        np.testing.assert_allclose(pooled(layer, x, mask), expected(name, x, mask, layer), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", sorted(LAYERS.keys() - {"concat"}))  # the largest steps of concat are kerasseq's
def test_a_batch_without_rows_has_no_answers(name: str) -> None:
    layer = built(name)
    width = pooled(layer, features(2, (1, T, U)), None).shape[1]
    assert pooled(layer, features(2, (0, T, U)), np.ones((0, T), dtype=bool)).shape == (0, width)


@pytest.mark.parametrize("name", LAYERS)
def test_padding_and_neighbours_are_without_effect(name: str) -> None:
    x, layer = features(3), built(name)
    longer = np.concatenate([x, 100 * features(4, (B, 10, U))], axis=1)
    for mask in MASKS.values():
        wider = np.concatenate([mask, np.zeros((B, 10), dtype=bool)], axis=1)
        whole = pooled(layer, x, mask)
        np.testing.assert_allclose(pooled(layer, longer, wider), whole, rtol=1e-6, atol=1e-6)
        alone = np.concatenate([pooled(layer, x[i : i + 1], mask[i : i + 1]) for i in range(B)])
        np.testing.assert_allclose(whole, alone, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_nan_and_infinity_at_masked_steps_do_not_leak(name: str) -> None:
    x, layer = features(6), built(name)
    for mask in MASKS.values():
        for garbage in (np.nan, np.inf, -np.inf):
            dirty = np.where(mask[:, :, None], x, np.float32(garbage))
            np.testing.assert_allclose(pooled(layer, dirty, mask), pooled(layer, x, mask), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_those_of_the_definition_and_reach_every_weight(
    name: str, gradients: Callable[..., list[np.ndarray]]
) -> None:
    x, layer, mask = features(7), built(name), MASKS["one row all masked"]
    by_x, *by_weights = gradients(
        lambda inputs: ops.sum(ops.square(first(layer(inputs, mask=ops.convert_to_tensor(mask))))), layer, x
    )
    assert len(by_weights) == len(layer.weights)
    assert all(np.isfinite(g).all() and g.any() for g in by_weights)
    assert not by_x[~mask].any()
    for place in map(tuple, np.argwhere(np.ones(x.shape, bool))[::7]):
        up, down = x.astype("float64"), x.astype("float64")
        up[place] += 1e-5
        down[place] -= 1e-5
        losses = [np.square(expected(name, at, mask, layer)).sum() for at in (up, down)]
        np.testing.assert_allclose(by_x[place], (losses[0] - losses[1]) / 2e-5, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["self attention", "one head", "gated"])
def test_weights_sum_to_one_over_valid_steps_and_are_zero_elsewhere(name: str) -> None:
    layer, x = built(name), 5 * features(8)
    for mask in MASKS.values():
        weights = outputs(layer, x, mask)[1]
        np.testing.assert_allclose(weights.sum(axis=1), mask.any(axis=1), atol=1e-6)
        assert not weights[~mask].any()
        for row, valid, got in zip(x.astype("float64"), mask, weights, strict=True):
            if valid.any():
                wanted = attention(name, row[valid], layer.get_weights()).mean(axis=1)
                np.testing.assert_allclose(got[valid], wanted, atol=1e-5)


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("name", ["self attention", "gated", "top 3", "windows 3", "conv2d 3 2 1"])
def test_half_precision_stays_finite_with_an_all_masked_row(
    name: str, dtype: str, gradients: Callable[..., list[np.ndarray]]
) -> None:
    layer, mask = LAYERS[name](dtype=dtype), ops.convert_to_tensor(MASKS["one row all masked"])
    layer.build((None, None, U))
    found = gradients(lambda x: ops.sum(ops.cast(first(layer(x, mask=mask)), "float32")), layer, features())
    assert all(np.isfinite(g).all() for g in found)


@pytest.mark.parametrize("name", LAYERS)
def test_a_saved_model_gives_the_same_numbers_when_opened(name: str, tmp_path: Path) -> None:
    x, layer, mask = features(9), built(name), MASKS["gaps"]
    inputs = keras.Input((None, U)), keras.Input((None,), dtype="bool")
    model = keras.Model(inputs, layer(inputs[0], mask=inputs[1]))
    model.save(tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    before, after = (keras.tree.flatten(m([x, mask])) for m in (model, opened))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(other), ops.convert_to_numpy(one))
    assert [tuple(o.shape) for o in opened.outputs] == [tuple(o.shape) for o in model.outputs]
    assert opened.outputs[0].shape[1] == expected(name, x, mask, layer).shape[1]


@pytest.mark.parametrize("name", LAYERS)
def test_a_clone_has_the_same_settings_and_a_vector_no_mask(name: str) -> None:
    layer = built(name)
    clone = type(layer).from_config(layer.get_config())
    assert clone.get_config() == layer.get_config()
    assert not any(layer.compute_mask(None, None) or [None])


def test_parts_that_give_weights_give_their_vector_to_concat() -> None:
    layer = ConcatPooling([AttentionPooling(2), MaxPooling()])
    assert tuple(layer(features(), mask=ops.convert_to_tensor(MASKS["right"])).shape) == (B, 2 * U)


def test_parts_are_told_whether_the_model_trains() -> None:
    class Told(keras.layers.Layer):
        def call(self, x: Any, mask: Any = None, training: bool | None = None) -> Any:
            return x[:, 0] * (2.0 if training else 1.0)

    layer, x = ConcatPooling([Told(), Told()]), features()
    for training, factor in ((True, 2), (False, 1)):
        got = ops.convert_to_numpy(layer(x, training=training))
        np.testing.assert_array_equal(got, factor * np.concatenate([x[:, 0]] * 2, axis=1))


@pytest.mark.parametrize("kind", MASKS)
def test_the_penalty_is_the_distance_of_the_heads_products_from_the_identity(kind: str) -> None:
    layer, x = SelfAttentionPooling(3, 5, penalty=0.5), features()
    layer.build((None, None, U))
    random = np.random.default_rng(7)
    layer.set_weights([random.normal(size=v.shape) for v in layer.weights])
    for _ in range(2):  # a call forgets what the one before added
        outputs(layer, x, MASKS[kind])
    weights = [w.astype("float64") for w in layer.get_weights()]
    rows = [row[keep].astype("float64") for row, keep in zip(x, MASKS[kind], strict=True) if keep.any()]
    heads = [attention("self attention", row, weights) for row in rows]
    apart = [np.square(a.T @ a - np.eye(3)).sum() for a in heads]
    [added] = layer.losses
    wanted = 0.5 * np.mean(apart) if apart else 0.0
    assert float(ops.convert_to_numpy(added)) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SelfAttentionPooling(penalty=-1.0), "penalty must be at least 0. Received: penalty=-1.0"),
        (lambda: SelfAttentionPooling(0), "heads and units must be at least 1. Received: heads=0, units=128"),
        (lambda: GatedPooling(0), "units must be at least 1. Received: units=0"),
        (lambda: LastKPooling(0), "k must be at least 1 and directions 1 or 2. Received: k=0, directions=1"),
        (lambda: LastKPooling(1, 3), "Received: k=1, directions=3"),
        (lambda: TopKMeanPooling(0), "k must be at least 1. Received: k=0"),
        (lambda: HierarchicalPooling(0), "window must be at least 1. Received: window=0"),
        (lambda: Conv2DPooling(2, parts=0), "Received: filters=2, window=3, group=2, parts=0"),
        (lambda: ConcatPooling([MaxPooling()]), "poolers must be at least 2"),
    ],
)
def test_a_setting_outside_its_range_is_refused_with_its_value(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
