"""Two texts that look at each other, against float64 NumPy on the valid steps alone."""

# B batch, T and S steps of a text and of the other, U features of a step

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasseq.layers.alignment import Alignment, aligned

B, T, S, U = 4, 5, 3, 2
RANDOM = np.random.default_rng(0)
X, Y = (RANDOM.normal(size=(B, steps, U)).astype("float32") for steps in (T, S))
X_MASK = np.arange(T) < np.array([[5], [2], [3], [0]])
Y_MASK = np.array([[1, 1, 1], [0, 1, 0], [0, 0, 0], [1, 1, 0]]) > 0

Array = np.ndarray[Any, Any]


def softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def like(x: Array, x_mask: Array, y: Array, y_mask: Array) -> list[Array]:
    """Of each row the means that its valid steps get, `(valid steps, U)`."""
    found = []
    for row, other, valid, there in zip(x.astype("float64"), y.astype("float64"), x_mask, y_mask, strict=True):
        steps, others = row[valid], other[there]
        found.append(softmax(steps @ others.T) @ others if len(others) else np.zeros_like(steps))
    return found


def said(function: Any, *given: Array) -> list[Array]:
    """What a function gives for both texts."""
    return [ops.convert_to_numpy(each) for each in function(*map(ops.convert_to_tensor, given))]


def test_a_step_gets_the_steps_of_the_other_text_that_are_like_it() -> None:
    of_y, of_x = said(aligned, X, Y, X_MASK, Y_MASK)
    sides = (of_y, X_MASK, like(X, X_MASK, Y, Y_MASK)), (of_x, Y_MASK, like(Y, Y_MASK, X, X_MASK))
    for found, mask, wanted in sides:
        for row in range(B):
            np.testing.assert_allclose(found[row][mask[row]], wanted[row], atol=1e-6)


def test_what_stands_at_masked_steps_reaches_no_valid_one() -> None:
    spoiled = [np.where(mask[..., None], v, np.float32(np.nan)) for v, mask in ((X, X_MASK), (Y, Y_MASK))]
    for found, wanted in zip(said(aligned, *spoiled, X_MASK, Y_MASK), said(aligned, X, Y, X_MASK, Y_MASK), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_large_scores_give_a_hard_choice_and_no_nan() -> None:
    of_y, of_x = said(aligned, 1e4 * X, 1e4 * Y, X_MASK, Y_MASK)
    assert np.isfinite(of_y).all() and np.isfinite(of_x).all()
    best = (X[0].astype("float64") @ Y[0].T.astype("float64")).argmax(axis=1)
    np.testing.assert_allclose(of_y[0], 1e4 * Y[0][best], rtol=1e-6)


def test_both_sides_are_compared_by_the_same_weights() -> None:
    alignment = Alignment()
    said(alignment, X, Y, X_MASK, Y_MASK)
    kernel, bias = RANDOM.normal(size=(4 * U, U)), RANDOM.normal(size=U)
    alignment._comparison.set_weights([kernel, bias])
    compared = said(alignment, X, Y, X_MASK, Y_MASK)
    sides = (X, X_MASK, like(X, X_MASK, Y, Y_MASK)), (Y, Y_MASK, like(Y, Y_MASK, X, X_MASK))
    for found, (steps, mask, others) in zip(compared, sides, strict=True):
        for row in range(B):
            x, near = steps[row][mask[row]].astype("float64"), others[row]
            wanted = np.maximum(np.concatenate([x, near, np.abs(x - near), x * near], axis=1) @ kernel + bias, 0)
            np.testing.assert_allclose(found[row][mask[row]], wanted, atol=1e-5)


def test_a_composition_reads_what_was_compared_with_the_mask_of_its_text() -> None:
    masks: list[Any] = []

    def composition(x: Any, mask: Any = None) -> Any:
        masks.append(mask)
        return -x

    alignment = Alignment(composition)
    found = said(alignment, X, Y, X_MASK, Y_MASK)
    for mask, wanted in zip(masks, (X_MASK, Y_MASK), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(mask), wanted)
    assert all((each <= 0).all() for each in found)


def test_its_gradients_are_finite_where_nothing_is_valid(gradients: Any) -> None:
    alignment, dense = Alignment(), keras.layers.Dense(U)
    said(alignment, X, Y, X_MASK, Y_MASK)
    dense.build((None, None, U))

    def loss(x: Any) -> Any:
        return ops.sum(ops.square(alignment(dense(x), *map(ops.convert_to_tensor, (Y, X_MASK, Y_MASK)))[0]))

    assert all(np.isfinite(each).all() for each in gradients(loss, dense, X))
