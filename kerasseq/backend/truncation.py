"""Truncated backpropagation through time within a text that is read whole (Werbos, 1990; Williams & Peng, 1990).

The state goes on from block to block, its gradient does not: what a loss says of a step reaches the steps of its own
block. Blocks begin at the same steps for every layer and direction, so it does not reach further by way of another one.
What a pooler or a head reads of each step still has its gradient. So each block can be computed again when its gradient
is asked for, and the gates of one block are in memory at a time (Chen et al., 2016): on torch by the fused kernels, on
jax always.
"""

# B batch, T time, K steps of a block, D features, U units

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from kerasseq.backend.select import current

__all__ = ["block_steps", "in_blocks"]

Tensor = Any
Run = Callable[..., Sequence[Tensor]]
"""`run(x, mask, *states)`: answers `(B, K, U)` in the order of reading, and the states, h first."""


def block_steps(layer: Any, x: Tensor, training: bool) -> int:
    """K, where the gradient of `layer` is cut in `x` `(B, T, D)`; else 0."""
    steps: int = vars(layer).get("bptt", 0) if training else 0
    return steps if steps < x.shape[1] else 0


def in_blocks(
    run: Run, x: Tensor, mask: Tensor | None, states: Sequence[Tensor], steps: int, layer: Any
) -> tuple[Tensor, list[Tensor]]:
    """What `run` gives of all of x, with the gradient cut.

    Args:
        run: See there.
        x: `(B, T, D)`.
        mask: `(B, T)` bool, or None.
        states: `(B, U)` each, h first.
        steps: K.
        layer: Says in which direction it reads, and what it gives at masked steps.

    Returns:
        All answers, `(B, T, U)` in the order of reading, and the states behind it.
    """

    def held(x: Tensor, mask: Tensor | None, *before: Tensor) -> Sequence[Tensor]:
        y, *after = run(x, mask, *before)
        if mask is not None and not layer.zero_output_for_mask:
            y = _held(y, ops.flip(mask, 1) if layer.go_backwards else mask, ops.stop_gradient(before[0]))
        return (y, *after)

    if current() == "jax":
        from kerasseq.backend import jax_blocks

        return jax_blocks.in_blocks(held, x, mask, states, steps, layer.go_backwards)
    starts = list(range(0, x.shape[1], steps))
    answers: list[Tensor] = []
    for place in reversed(starts) if layer.go_backwards else starts:
        some = None if mask is None else mask[:, place : place + steps]
        before = [ops.stop_gradient(state) for state in states] if answers else list(states)
        y, *states = held(x[:, place : place + steps], some, *before)
        answers.append(y)
    return ops.concatenate(answers, axis=1), list(states)


def _held(y: Tensor, mask: Tensor, h: Tensor) -> Tensor:
    """The answer of the block before, until a valid step comes."""
    known = ops.cumsum(ops.cast(mask, "int32"), axis=1) > 0
    return ops.where(known[:, :, None], y, ops.cast(h[:, None], y.dtype))
