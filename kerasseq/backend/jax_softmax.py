"""How probable given tokens are under a softmax over a large vocabulary, on jax, in blocks.

As `torch_softmax`: the scores `(N, V)` exist for a block of steps at a time, and for the gradient they are computed
again (Chen et al., 2016, "Training deep nets with sublinear memory cost").
"""

# N steps, M steps of a block, U features, V vocabulary

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

__all__ = ["BLOCK", "log_probability"]

Array = Any

BLOCK = 1 << 22
"""Scores of one block, at the most: 16 MB."""


def log_probability(x: Array, kernel: Array, bias: Array, ids: Array) -> tuple[Array, Array]:
    """Natural logarithm of the probability of each id, and the mean of those of all tokens, `(N,)` both.

    Args:
        x: `(N, U)`.
        kernel: `(U, V)`.
        bias: `(V,)`.
        ids: `(N,)` integers in [0, V).
    """
    steps, size = len(x), max(BLOCK // kernel.shape[1], 1)
    if steps <= size:
        return _block(x, kernel, bias, ids)
    more = -steps % size
    blocks = jnp.pad(x, ((0, more), (0, 0))).reshape(-1, size, x.shape[1]), jnp.pad(ids, (0, more)).reshape(-1, size)
    again = jax.checkpoint(_block)
    found = jax.lax.map(lambda block: again(block[0], kernel, bias, block[1]), blocks)
    own, mean = (one.reshape(-1)[:steps] for one in found)
    return own, mean


def _block(x: Array, kernel: Array, bias: Array, ids: Array) -> tuple[Array, Array]:
    scores = x @ kernel + bias  # (M, V)
    own = jnp.take_along_axis(scores, ids[:, None], axis=1)[:, 0]
    total = jax.nn.logsumexp(scores, axis=1)
    return own - total, scores.mean(axis=1) - total
