"""What large answers of a recurrent layer, and large changes of them, add to a loss."""

# B batch, T time, U features

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["ActivationPenalty"]

Tensor = Any


@keras.saving.register_keras_serializable(package="kerasseq")
class ActivationPenalty(keras.layers.Layer):  # type: ignore[misc]
    """Activation and temporal activation regularisation (Merity et al., 2017): AR and TAR.

    Of each row `alpha * mean(y^2) + beta * mean((h_t - h_t-1)^2)`, over the features of valid steps, and of pairs of
    valid steps; in training alone, else zeros.

    Args:
        alpha: Of the size of the answers, 0 or more.
        beta: Of their change, 0 or more.

    Called as `layer(y, h, mask)`: the answers behind dropout and before it, `(B, T, U)` each, `(B, T)` bool -> `(B,)`.
    """

    def __init__(self, alpha: float, beta: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.alpha = alpha
        self.beta = beta

    def call(self, y: Tensor, h: Tensor, mask: Tensor, training: bool = False) -> Tensor:
        """See the class."""
        found = ops.zeros_like(y[:, 0, 0])
        if not training:
            return found
        if self.alpha:
            found = found + self.alpha * _mean(ops.square(y), mask)
        if self.beta:
            pairs = ops.logical_and(mask[:, 1:], mask[:, :-1])
            found = found + self.beta * _mean(ops.square(h[:, 1:] - h[:, :-1]), pairs)
        return found

    def compute_output_shape(self, y_shape: Any, h_shape: Any = None, mask_shape: Any = None) -> Any:
        """`(B,)`."""
        return (y_shape[0],)

    def get_config(self) -> dict[str, Any]:
        """The two sizes."""
        return {**super().get_config(), "alpha": self.alpha, "beta": self.beta}


def _mean(values: Tensor, valid: Tensor) -> Tensor:
    """Of `(B, T, U)` over the features of valid steps, `(B,)`; 0 where there are none."""
    total = ops.sum(ops.where(ops.expand_dims(valid, -1), values, 0.0), axis=(1, 2))
    count = ops.sum(ops.cast(valid, values.dtype), axis=1) * values.shape[-1]
    return total / ops.maximum(count, 1.0)
