"""Truncated backpropagation through time within a text that is read whole (Werbos, 1990; Williams & Peng, 1990).

The state goes on from block to block, its gradient does not: what a loss says of a step reaches the steps of its own
block. Blocks begin at the same steps for every layer and direction, so it does not reach further by way of another one.
What a pooler or a head reads of each step still has its gradient. So each block can be computed again when its gradient
is asked for, and the gates of one block are in memory at a time (Chen et al., 2016).
"""

# B batch, T time, K steps of a block, D features, U units

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from kerasseq.backend.select import current

__all__ = ["again", "block_steps", "in_blocks"]

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
    starts = list(range(0, x.shape[1], steps))
    answers: list[Tensor] = []
    for place in reversed(starts) if layer.go_backwards else starts:
        some = None if mask is None else mask[:, place : place + steps]
        before = [ops.stop_gradient(state) for state in states] if answers else list(states)
        y, *states = run(x[:, place : place + steps], some, *before)
        if answers and some is not None and not layer.zero_output_for_mask:
            y = _held(y, ops.flip(some, 1) if layer.go_backwards else some, before[0])
        answers.append(y)
    return ops.concatenate(answers, axis=1), list(states)


def _held(y: Tensor, mask: Tensor, h: Tensor) -> Tensor:
    """The answer of the block before, until a valid step comes."""
    known = ops.cumsum(ops.cast(mask, "int32"), axis=1) > 0
    return ops.where(known[:, :, None], y, ops.cast(h[:, None], y.dtype))


def again(run: Run, *tensors: Tensor) -> Sequence[Tensor]:
    """`run(*tensors)`, of which nothing is kept for the gradient but the tensors: then it runs a second time.

    On torch `run` must read nothing else that has a gradient.
    """
    if current() == "jax":
        import jax

        found: Sequence[Tensor] = jax.checkpoint(run)(*tensors)
        return found
    if current() == "torch":
        from kerasseq.backend import torch_again

        return torch_again.again(run, *tensors)
    return run(*tensors)
