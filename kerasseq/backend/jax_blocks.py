"""A recurrent layer on jax, block by block, with the gradient cut between them.

The blocks are a scan, so that their gates are computed again for the gradient one block after another: of blocks that
stand side by side in a program XLA computes all at once.
"""

# B batch, T time, N blocks, K steps of a block, D features, U units

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

__all__ = ["in_blocks"]

Array = Any


def in_blocks(
    run: Callable[..., Any], x: Array, mask: Array | None, states: Sequence[Array], steps: int, backwards: bool
) -> tuple[Array, list[Array]]:
    """All answers `(B, T, U)` in the order of reading, and the states behind it.

    Args:
        run: `run(x, mask, *states)`: answers of a block in the order of reading, and the states.
        x: `(B, T, D)`.
        mask: `(B, T)` bool, or None.
        states: `(B, U)` each.
        steps: K.
        backwards: Whether the last block is read first.
    """
    batch, time = x.shape[:2]
    more = -time % steps
    if more:
        valid = jnp.ones((batch, time), bool) if mask is None else mask
        x, mask = jnp.pad(x, ((0, 0), (0, more), (0, 0))), jnp.pad(valid, ((0, 0), (0, more)))
    blocks = [None if each is None else _cut(each, steps) for each in (x, mask)]
    again = jax.checkpoint(run)

    def block(before: list[Array], read: list[Array]) -> tuple[list[Array], list[Array]]:
        found = list(again(*read, *before))
        return [jax.lax.stop_gradient(state) for state in found[1:]], found

    _, (answers, *ended) = jax.lax.scan(block, list(states), blocks, reverse=backwards)
    answers = answers[::-1] if backwards else answers  # (N, B, K, U)
    joined = jnp.moveaxis(answers, 0, 1).reshape(batch, time + more, -1)
    last = 0 if backwards else -1
    return joined[:, more:] if backwards else joined[:, :time], [state[last] for state in ended]


def _cut(x: Array, steps: int) -> Array:
    """`(B, N K, ...)` -> `(N, B, K, ...)`."""
    return jnp.moveaxis(x.reshape(x.shape[0], -1, steps, *x.shape[2:]), 1, 0)
