"""The layer: its three answers, its constraint, its gradients, and a model that holds one."""

# B batch, T time, K tags

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.layers.chain import Chain, negative_log_likelihood
from kerasseq.layers.crf import CRF

B, T, K = 4, 5, 3
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0]]) > 0
ALLOWED = ([1, 1, 0], [[1, 1, 0], [1, 1, 1], [1, 1, 1]], [1, 1, 1])  # O, B and I


def scores(seed: int = 0, scale: float = 2.0) -> np.ndarray:
    return (scale * np.random.default_rng(seed).normal(size=(B, T, K))).astype("float32")


def built(seed: int = 0, **settings: Any) -> CRF:
    """A layer with weights that are drawn the same on every backend."""
    layer = CRF(K, **settings)
    layer.build((None, None, K))
    random = np.random.default_rng(seed)
    layer.set_weights([random.normal(size=v.shape) for v in layer.weights])
    return layer


def answers(layer: CRF, x: np.ndarray, mask: np.ndarray | None = MASK, **options: Any) -> list[np.ndarray]:
    mask = None if mask is None else ops.convert_to_tensor(mask)
    return [ops.convert_to_numpy(y) for y in layer(x, mask=mask, **options)]


def test_it_gives_scores_tags_and_the_chain_for_each_row() -> None:
    layer, x = built(), scores()
    same, tags, chain = answers(layer, x)
    np.testing.assert_array_equal(same, np.where(MASK[:, :, None], x, 0))
    assert tags.shape == (B, T)
    assert tags.dtype == np.int32
    assert not tags[~MASK].any()
    transitions, start, end = layer.get_weights()
    for row in chain:
        np.testing.assert_array_equal(row, np.concatenate([transitions, start[None], end[None]]))


def test_a_fresh_layer_chooses_each_tag_by_itself() -> None:
    x = scores(1)
    np.testing.assert_array_equal(answers(CRF(K), x, None)[1], x.argmax(axis=2))


def test_training_looks_for_no_tags() -> None:
    layer, x = built(), scores()
    trained, used = answers(layer, x, training=True), answers(layer, x)
    assert not trained[1].any()
    np.testing.assert_array_equal(trained[2], used[2])


@pytest.mark.parametrize("seed", range(5))
def test_what_is_not_allowed_is_never_answered(seed: int) -> None:
    free, bound = (
        answers(built(), scores(seed, 9.0), None)[1],
        answers(built(allowed=ALLOWED), scores(seed, 9.0), None)[1],
    )
    start, moves, end = (np.array(table, dtype=bool) for table in ALLOWED)

    def sound(tags: np.ndarray) -> bool:
        return bool(start[tags[:, 0]].all() and moves[tags[:, :-1], tags[:, 1:]].all() and end[tags[:, -1]].all())

    assert sound(bound)
    assert not sound(free)


@pytest.mark.parametrize("allowed", [None, ALLOWED], ids=["free", "constrained"])
def test_gradients_are_those_of_the_loss(allowed: Any, gradients: Callable[..., list[np.ndarray]]) -> None:
    layer, x = built(allowed=allowed), scores(2, 1.0)
    tags = np.array([[0, 1, 2, 0, 0], [1, 2, 2, 0, 0], [0, 1, 0, 2, 0], [0, 0, 0, 0, 0]], dtype="int32")
    mask, gold, weights = (ops.convert_to_tensor(a) for a in (MASK, tags, np.array([1.0, 0.5, 2.0, 3.0], "float32")))

    def loss(inputs: Any) -> Any:
        same, _, chain = layer(inputs, mask=mask, training=True)
        return ops.sum(weights * negative_log_likelihood(same, mask, gold, Chain.unpacked(chain)))

    by_x, *by_weights = gradients(loss, layer, x)
    assert not by_x[~MASK].any()

    def slope(change: Callable[[float], None], width: float = 1e-2) -> float:
        values = []
        for step in (width, -width):
            change(step)
            values.append(float(ops.convert_to_numpy(loss(ops.convert_to_tensor(x)))))
            change(-step)
        return (values[0] - values[1]) / (2 * width)

    for place in [(0, 0, 0), (0, 4, 2), (1, 2, 1), (1, 3, 1), (2, 1, 0), (2, 4, 1), (3, 0, 0)]:

        def nudge(step: float, place: tuple[int, ...] = place) -> None:
            x[place] += step

        np.testing.assert_allclose(by_x[place], slope(nudge), rtol=1e-2, atol=2e-3)
    for variable, gradient in zip(layer.trainable_variables, by_weights, strict=True):
        for place in np.ndindex(gradient.shape):

            def shift(step: float, place: tuple[int, ...] = place, variable: Any = variable) -> None:
                values = ops.convert_to_numpy(variable).copy()
                values[place] += step
                variable.assign(values)

            np.testing.assert_allclose(gradient[place], slope(shift), rtol=1e-2, atol=2e-3)


def test_a_saved_model_gives_the_same_answers_when_opened(tmp_path: Path) -> None:
    x, layer = scores(3), built(allowed=ALLOWED)
    inputs = keras.Input((None, K)), keras.Input((None,), dtype="bool")
    names = ("scores", "tags", "chain")
    model = keras.Model(inputs, dict(zip(names, layer(inputs[0], mask=inputs[1]), strict=True)))
    model.save(tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    assert {name: tuple(opened.output[name].shape) for name in names} == {
        "scores": (None, None, K),
        "tags": (None, None),
        "chain": (None, K + 2, K),
    }
    before, after = (m([x, MASK]) for m in (model, opened))
    for name in names:
        np.testing.assert_array_equal(ops.convert_to_numpy(after[name]), ops.convert_to_numpy(before[name]))


def test_half_precision_below_does_not_reach_the_sums() -> None:
    with_half = keras.layers.Dense(K, dtype="mixed_float16")(scores(4))
    assert answers(built(), with_half)[0].dtype == np.float32


def test_its_answers_have_no_mask() -> None:
    assert built().compute_mask(None, None) == (None, None, None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CRF(0), "tags must be at least 1. Received: tags=0"),
        (
            lambda: CRF(2, allowed=ALLOWED),
            r"of shapes \(\(2,\), \(2, 2\), \(2,\)\). Received: \(\(3,\), \(3, 3\), \(3,\)\)",
        ),
        (lambda: CRF(2)(scores()), r"scores must be of shape \(B, T, K=2\). Received: \(4, 5, 3\)"),
    ],
)
def test_a_setting_outside_its_range_is_refused_with_its_value(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
