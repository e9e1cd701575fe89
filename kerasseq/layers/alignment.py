"""Two texts that look at each other before each of them becomes one vector."""

# B batch, T and S steps of a text and of the other, U features of a step

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasseq.backend.masked import zeroed
from kerasseq.layers.softmax import masked_softmax

__all__ = ["Alignment", "aligned"]

Tensor = Any


class Alignment:
    """A function of genuine Keras layers, so that a saved model opens in plain Keras.

    Each step `x` of a text is compared with `x~`, the steps of the other text that are like it:
    `relu(W [x, x~, |x - x~|, x * x~] + b)`, by the same weights for both texts, as wide as `x`. Of words alone that is
    the decomposable attention of Parikh et al. (2016) without its networks before the scores; behind a recurrent
    encoder, with `composition`, it is the local inference and the composition of ESIM (Chen et al., 2017).

    Args:
        composition: An encoder that reads what was compared, `(B, T, U)` and `mask=mask`; None for none.

    Called as `alignment(x, y, x_mask, y_mask)`: `(B, T, U)`, `(B, S, U)`, masks `(B, T)` and `(B, S)` bool -> the
    compared steps of both, `(B, T, V)` and `(B, S, V)`; every call shares the weights.

    Masking: no masked step reaches a valid one; a text whose other one is empty is compared with zeros.
    """

    def __init__(self, composition: Callable[..., Tensor] | None = None) -> None:
        self.composition = composition
        self._comparison: Any = None

    def __call__(self, x: Tensor, y: Tensor, x_mask: Tensor, y_mask: Tensor) -> tuple[Tensor, Tensor]:
        if self._comparison is None:
            self._comparison = keras.layers.Dense(x.shape[-1], activation="relu", name="comparison")
        like_x, like_y = aligned(x, y, x_mask, y_mask)
        return self._compared(x, like_x, x_mask), self._compared(y, like_y, y_mask)

    def _compared(self, x: Tensor, like: Tensor, mask: Tensor) -> Tensor:
        found = self._comparison(ops.concatenate([x, like, ops.absolute(x - like), x * like], axis=-1))
        return found if self.composition is None else self.composition(found, mask=mask)


def aligned(x: Tensor, y: Tensor, x_mask: Tensor, y_mask: Tensor) -> tuple[Tensor, Tensor]:
    """For each step of a text the mean of the steps of the other, weighted by a softmax over `e = x y^T`.

    Args:
        x: `(B, T, U)`.
        y: `(B, S, U)`.
        x_mask: `(B, T)` bool, True is valid.
        y_mask: `(B, S)` bool.

    Returns:
        `(B, T, U)` of the steps of `y` and `(B, S, U)` of those of `x`; zeros where the other text has no valid step.
    """
    x, y = zeroed(x, x_mask), zeroed(y, y_mask)
    scores = ops.cast(ops.matmul(x, ops.transpose(y, (0, 2, 1))), "float32")  # (B, T, S)
    of_y = masked_softmax(scores, ops.expand_dims(y_mask, 1), axis=2)
    of_x = ops.transpose(masked_softmax(scores, ops.expand_dims(x_mask, 2), axis=1), (0, 2, 1))  # (B, S, T)
    return ops.matmul(ops.cast(of_y, y.dtype), y), ops.matmul(ops.cast(of_x, x.dtype), x)
