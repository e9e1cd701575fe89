"""Poolers in torch alone: many vectors to one, never looking at a masked step."""

# B batch, T time, U features of a step, A attention units

from __future__ import annotations

from typing import Any

import torch
from torch import nn

__all__ = ["Attention", "Last", "Max", "Mean", "Sum"]

Tensor = Any

LOWEST = -3e38
"""Below every other number, but finite: minus infinity gives NaN where nothing is valid."""


def _sum(x: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask[..., None], x, 0.0).sum(1)


class Sum(nn.Module):
    """`(B, T, U)`, mask `(B, T)` -> `(B, U)`."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return _sum(x, mask)


class Mean(nn.Module):
    """`(B, T, U)`, mask `(B, T)` -> `(B, U)`; zeros for an all-masked row."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return _sum(x, mask) / mask.sum(1, keepdim=True).clamp(min=1)


class Max(nn.Module):
    """`(B, T, U)`, mask `(B, T)` -> `(B, U)`; zeros for an all-masked row."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        largest = torch.where(mask[..., None], x, LOWEST).amax(1)
        return torch.where(mask.any(1, keepdim=True), largest, 0.0)


class Last(nn.Module):
    """`(B, T, U)`, mask `(B, T)` -> `(B, U)`: each direction where it has read everything.

    Args:
        directions: 1, or 2 when the last axis is a forward half followed by a backward half.
    """

    def __init__(self, directions: int) -> None:
        super().__init__()
        self.directions = directions

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        seen = mask.long().cumsum(1)  # (B, T)
        last = mask & (seen == seen[:, -1:])
        if self.directions == 1:
            return _sum(x, last)
        half = x.shape[2] // 2
        return torch.cat([_sum(x[..., :half], last), _sum(x[..., half:], mask & (seen == 1))], dim=-1)


class Attention(nn.Module):
    """`(B, T, U)`, mask `(B, T)` -> `(B, U)` and the weights `(B, T)`.

    Args:
        kernel: `(U, A)`.
        bias: `(A,)`.
        context: `(A, 1)`.
    """

    def __init__(self, kernel: Tensor, bias: Tensor, context: Tensor) -> None:
        super().__init__()
        for name, weight in (("kernel", kernel), ("bias", bias), ("context", context)):
            self.register_parameter(name, nn.Parameter(weight, requires_grad=False))

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.where(mask[..., None], x, 0.0)
        scores = (torch.tanh(x @ self.kernel + self.bias) @ self.context).squeeze(-1)  # (B, T)
        scores = torch.where(mask, scores, LOWEST)
        powers = torch.where(mask, torch.exp(scores - scores.amax(1, keepdim=True)), 0.0)
        total = powers.sum(1, keepdim=True)  # (B, 1), at least 1 where a step is valid
        weights = powers / torch.where(total > 0, total, 1.0)
        return (weights[:, None, :] @ x).squeeze(1), weights
