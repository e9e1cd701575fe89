"""A step that hangs on the one before, over all steps of a batch."""

# B batch, T time

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from keras import ops

from kerasseq.backend.select import current

__all__ = ["unrolled"]

Tensor = Any
Step = Callable[[Mapping[str, Tensor], Tensor], tuple[dict[str, Tensor], tuple[Tensor, ...]]]


def unrolled(step: Step, states: dict[str, Tensor], x: Tensor, mask: Tensor) -> list[Tensor]:
    """What each step gives, `(B, T, ...)`; on jax a scan, on torch a loop.

    Args:
        step: States `(B, U)` by their names and one step of `x` to the states behind it and what it gives, `(B, ...)`.
        states: Before the first step.
        x: `(B, T, ...)`.
        mask: `(B, T)` bool; a masked step leaves the states as they are.
    """
    if current() == "torch":
        return _loop(step, states, x, mask)

    def one(states: dict[str, Tensor], now: tuple[Tensor, Tensor]) -> tuple[dict[str, Tensor], tuple[Tensor, ...]]:
        x, valid = now
        ended, given = step(states, x)
        return {name: ops.where(valid[:, None], ended[name], states[name]) for name in states}, given

    axes = (1, 0, *range(2, len(x.shape)))
    _, found = ops.scan(one, states, (ops.transpose(x, axes), ops.transpose(mask)))
    return [ops.transpose(each, (1, 0, *range(2, len(each.shape)))) for each in found]


def _loop(step: Step, states: dict[str, Tensor], x: Tensor, mask: Tensor) -> list[Tensor]:
    import torch

    here = mask.device.type == "cpu"  # another device would have to be waited for
    whole = mask.all(0).tolist() if here else [False] * mask.shape[1]
    given = []
    for place, inner in enumerate(x.unbind(1)):
        ended, found = step(states, inner)
        if not whole[place]:
            valid = mask[:, place, None]
            ended = {name: torch.where(valid, ended[name], states[name]) for name in states}
        states = ended
        given.append(found)
    return [torch.stack(each, 1) for each in zip(*given, strict=True)]
