"""How probable given tokens are under a softmax over a vocabulary that may be large."""

# B batch, T time, U features, V vocabulary

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.select import current

__all__ = ["log_probability"]

Tensor = Any


def log_probability(x: Tensor, kernel: Tensor, bias: Any, ids: Tensor) -> Tensor:
    """Natural logarithm of the probability of each id, `(B, T)`; on torch `(B, T, V)` is never in memory.

    Args:
        x: `(B, T, U)`.
        kernel: `(U, V)`.
        bias: `(V,)`, a variable.
        ids: `(B, T)` integers in [0, V).
    """
    if current() == "torch" and not isinstance(x, keras.KerasTensor):
        from kerasseq.backend import torch_softmax
        from kerasseq.backend.torch_kernels import traced

        if not traced(x):
            flat, wanted = ops.reshape(x, (-1, x.shape[-1])), ops.cast(ops.reshape(ids, (-1,)), "int64")
            return ops.reshape(torch_softmax.log_probability(flat, kernel, bias.value, wanted), ops.shape(ids))
    scores = ops.matmul(x, kernel) + bias
    own = ops.take_along_axis(scores, ops.cast(ids, "int32")[:, :, None], axis=2)[:, :, 0]
    return own - ops.logsumexp(scores, axis=-1)
