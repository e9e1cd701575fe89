"""See `products`: on torch a product notes what it read and its gradient, and the weights multiply these at the end."""

# N rows of all steps, K features, M of the product

from __future__ import annotations

from typing import Any

import torch
from keras import ops

__all__ = ["OverSteps"]

Tensor = Any
Noted = dict[int, tuple[Tensor, Tensor]]
"""Number of a product -> what was multiplied, `(N, K)`, and the gradient of what it gave, `(N, M)`."""


class OverSteps:
    """Multiplies as `kerasseq.backend.products.multiply`."""

    def __init__(self) -> None:
        self._weights: dict[tuple[int, int], tuple[Tensor, Noted]] = {}
        self._done = 0

    def __call__(self, x: Tensor, kernel: Any, last: int = 0) -> Tensor:
        """See there."""
        key = (id(kernel), last)
        if key not in self._weights:
            noted: Noted = {}
            tensor = ops.convert_to_tensor(kernel)
            self._weights[key] = _Weights.apply(tensor[-last:] if last else tensor, noted), noted
        weights, noted = self._weights[key]
        self._done += 1
        return _Product.apply(x, weights, noted, self._done)


class _Weights(torch.autograd.Function):
    """The weights as they are; its gradient is asked for when those of all products are known."""

    @staticmethod
    def forward(ctx: Any, weights: Any, noted: Noted) -> Any:
        ctx.noted = noted
        ctx.set_materialize_grads(False)
        return weights.view_as(weights)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, _: Any) -> Any:
        if not ctx.noted:
            return None, None
        x, d = (torch.cat(each) for each in zip(*ctx.noted.values(), strict=True))
        ctx.noted.clear()
        return x.t() @ d, None


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, weights: Any, noted: Noted, number: int) -> Any:
        ctx.noted, ctx.number = noted, number
        ctx.save_for_backward(x, weights)
        return x @ weights

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, d: Any) -> Any:
        x, weights = ctx.saved_tensors
        if ctx.needs_input_grad[1]:
            ctx.noted[ctx.number] = x.reshape(-1, x.shape[-1]), d.reshape(-1, d.shape[-1])
        return (d @ weights.t() if ctx.needs_input_grad[0] else None), None, None, None
