"""How probable given tokens are under a softmax over a large vocabulary, on torch, in blocks.

The scores of all tokens at all steps, `(N, V)`, are the largest tensor of a language model by far. Here they exist for
a block of steps at a time; what the gradient needs of them is kept where it is small, else computed again (Chen et al.,
2016, "Training deep nets with sublinear memory cost").
"""

# N steps, M steps of a block, U features, V vocabulary

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

__all__ = ["BLOCK", "KEPT", "log_probability"]

Tensor = Any

BLOCK = 1 << 22
"""Scores of one block, at the most: 16 MB."""

KEPT = 1 << 25
"""Probabilities that are kept for the gradient, at the most: 128 MB; more are computed again."""


def log_probability(x: Tensor, kernel: Tensor, bias: Tensor, ids: Tensor) -> Tensor:
    """Natural logarithm of the probability of each id, `(N,)`.

    Args:
        x: `(N, U)`.
        kernel: `(U, V)`.
        bias: `(V,)`.
        ids: `(N,)` integers in [0, V).
    """
    return _LogProbability.apply(x, kernel, bias, ids.long())


class _LogProbability(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, kernel: Any, bias: Any, ids: Any) -> Any:
        found = x.new_empty(len(x))
        keeps = any(ctx.needs_input_grad) and len(x) * kernel.shape[1] <= KEPT
        kept = []
        for rows in _blocks(len(x), kernel.shape[1]):
            scores = torch.addmm(bias, x[rows], kernel)
            powers, total = _powers(scores)
            own = powers.gather(1, ids[rows, None])[:, 0]
            found[rows] = own.log() - total.log()
            if lost := (own == 0).nonzero().view(-1).tolist():  # further below the largest than float32 has powers
                scores = torch.addmm(bias, x[rows][lost], kernel)
                found[rows][lost] = torch.log_softmax(scores, 1).gather(1, ids[rows][lost, None])[:, 0]
            if keeps:
                kept += [powers, total]
        ctx.save_for_backward(x, kernel, bias, ids, *kept)
        return found

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Any) -> Any:
        x, kernel, bias, ids, *kept = ctx.saved_tensors
        dx, dkernel, dbias = torch.empty_like(x), torch.zeros_like(kernel), torch.zeros_like(bias)
        for number, rows in enumerate(_blocks(len(x), kernel.shape[1])):
            powers, total = kept[2 * number : 2 * number + 2] or _powers(torch.addmm(bias, x[rows], kernel))
            own = gradient[rows, None]
            shares = powers.mul_(-own / total[:, None]).scatter_add_(1, ids[rows, None], own)
            torch.mm(shares, kernel.t(), out=dx[rows])
            dkernel.addmm_(x[rows].t(), shares)
            dbias.add_(shares.sum(0))
        return dx, dkernel, dbias, None


def _powers(scores: Tensor) -> tuple[Tensor, Tensor]:
    """Powers of e in place of the scores `(M, V)`, of which the largest of a row is 1, and their sums, `(M,)`."""
    powers = scores.sub_(scores.amax(1, keepdim=True)).exp_()
    return powers, powers.sum(1)


def _blocks(steps: int, vocabulary: int) -> Iterator[slice]:
    size = max(BLOCK // vocabulary, 1)
    return (slice(start, start + size) for start in range(0, steps, size))
