"""How probable given tokens are under a softmax over a vocabulary that may be large."""

# B batch, T time, U features, V vocabulary

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.select import current

__all__ = ["log_probability", "log_probability_and_mean"]

Tensor = Any


def log_probability(x: Tensor, kernel: Tensor, bias: Any, ids: Tensor) -> Tensor:
    """Natural logarithm of the probability of each id, `(B, T)`; on torch and jax `(B, T, V)` is never in memory.

    Args:
        x: `(B, T, U)`.
        kernel: `(U, V)`.
        bias: `(V,)`, a variable.
        ids: `(B, T)` integers in [0, V).
    """
    return log_probability_and_mean(x, kernel, bias, ids)[0]


def log_probability_and_mean(x: Tensor, kernel: Tensor, bias: Any, ids: Tensor) -> tuple[Tensor, Tensor]:
    """As `log_probability`, and beside it the mean of the logarithms of all tokens, `(B, T)`.

    Args:
        x: `(B, T, U)`.
        kernel: `(U, V)`.
        bias: `(V,)`, a variable.
        ids: `(B, T)` integers in [0, V).
    """
    if not isinstance(x, keras.KerasTensor):
        in_blocks = _in_blocks(x)
        if in_blocks is not None:
            flat = ops.reshape(x, (-1, x.shape[-1]))
            own, mean = in_blocks(flat, kernel, bias.value, ops.reshape(ids, (-1,)))
            return ops.reshape(own, ops.shape(ids)), ops.reshape(mean, ops.shape(ids))
    scores = ops.matmul(x, kernel) + bias
    own = ops.take_along_axis(scores, ops.cast(ids, "int32")[:, :, None], axis=2)[:, :, 0]
    total = ops.logsumexp(scores, axis=-1)
    return own - total, ops.mean(scores, axis=-1) - total


def _in_blocks(x: Tensor) -> Any:
    """What computes it block by block; None where nothing does."""
    if current() == "jax":
        from kerasseq.backend import jax_softmax

        return jax_softmax.log_probability
    if current() != "torch":
        return None
    from kerasseq.backend import torch_softmax
    from kerasseq.backend.torch_kernels import traced

    return None if traced(x) else torch_softmax.log_probability
