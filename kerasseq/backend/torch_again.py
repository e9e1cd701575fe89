"""A part of a network on torch that is computed a second time for its gradient, and keeps nothing but what it read.

`torch.utils.checkpoint` does it by hooks on saved tensors, and compiled loops save arrays; its other form does not go
with `torch.autograd.grad`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

__all__ = ["again"]

Run = Callable[..., Sequence[Any]]


def again(run: Run, *tensors: Any) -> Sequence[Any]:
    """`run(*tensors)`, some of which may be None.

    Args:
        run: Gives tensors; it reads nothing else that has a gradient, and draws no random numbers.
        tensors: What it reads.
    """
    if not torch.is_grad_enabled():
        return run(*tensors)
    found: Sequence[Any] = _Again.apply(run, *tensors)
    return found


class _Again(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, run: Run, *tensors: Any) -> Any:
        ctx.run = run
        ctx.save_for_backward(*tensors)
        ctx.set_materialize_grads(False)
        return tuple(run(*tensors))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        needed = ctx.needs_input_grad[1:]
        with torch.enable_grad():
            tensors = [
                tensor if tensor is None else tensor.detach().requires_grad_(need)
                for tensor, need in zip(ctx.saved_tensors, needed, strict=True)
            ]
            found = ctx.run(*tensors)
        asked = [(y, gradient) for y, gradient in zip(found, gradients, strict=True) if gradient is not None]
        inputs = [tensor for tensor, need in zip(tensors, needed, strict=True) if need]
        made = iter(torch.autograd.grad([y for y, _ in asked], inputs, [g for _, g in asked], allow_unused=True))
        return None, *(next(made) if need else None for need in needed)
