"""How probable given tokens are under a softmax over a large vocabulary, on torch, in blocks.

The scores of all tokens at all steps, `(N, V)`, are the largest tensor of a language model by far. Here they exist for
a block of steps at a time; what the gradient needs of them is kept where it is small, else computed again (Chen et al.,
2016, "Training deep nets with sublinear memory cost"). Where there are compiled loops they do so, else torch.
"""

# N steps, M steps of a block, U features, V vocabulary

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from kerasseq.backend.torch_kernels import compiles

__all__ = ["BLOCK", "KEPT", "log_probability"]

Tensor = Any

BLOCK = 1 << 22
"""Scores of one block, at the most: 16 MB."""

KEPT = 1 << 25
"""Probabilities that are kept for the gradient, at the most: 128 MB; more are computed again."""


def log_probability(x: Tensor, kernel: Tensor, bias: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Natural logarithm of the probability of each id, and the mean of those of all tokens, `(N,)` both.

    Args:
        x: `(N, U)`.
        kernel: `(U, V)`.
        bias: `(V,)`.
        ids: `(N,)` integers in [0, V).
    """
    size = kernel.shape[1]
    if x.dtype == kernel.dtype == torch.float32 and x.device.type == "cpu" and compiles():
        from kerasseq.backend.compiled import probability

        keep = len(x) * size <= KEPT
        return probability.log_probability(x, kernel, bias, ids.long(), max(BLOCK // size, 1), keep)  # type: ignore[no-any-return]
    return _LogProbability.apply(x, kernel, bias, ids.long())  # type: ignore[no-any-return]


class _LogProbability(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, kernel: Any, bias: Any, ids: Any) -> Any:
        own, mean = x.new_empty(len(x)), x.new_empty(len(x))
        keeps = any(ctx.needs_input_grad) and len(x) * kernel.shape[1] <= KEPT
        kept = []
        for rows in _blocks(len(x), kernel.shape[1]):
            scores = torch.addmm(bias, x[rows], kernel)
            own[rows], mean[rows] = scores.gather(1, ids[rows, None])[:, 0], scores.mean(1)
            most, powers, total = _powers(scores)
            for said in (own, mean):
                said[rows] -= most + total.log()
            if keeps:
                kept += [powers, total]
        ctx.save_for_backward(x, kernel, bias, ids, *kept)
        return own, mean

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, down: Any, even: Any) -> Any:
        x, kernel, bias, ids, *kept = ctx.saved_tensors
        dx, dkernel, dbias = torch.empty_like(x), torch.zeros_like(kernel), torch.zeros_like(bias)
        for number, rows in enumerate(_blocks(len(x), kernel.shape[1])):
            powers, total = kept[2 * number : 2 * number + 2] or _powers(torch.addmm(bias, x[rows], kernel))[1:]
            own, all_ = down[rows, None], even[rows, None]
            shares = powers.mul_(-(own + all_) / total[:, None]).add_(all_ / len(bias))
            shares.scatter_add_(1, ids[rows, None], own)
            torch.mm(shares, kernel.t(), out=dx[rows])
            dkernel.addmm_(x[rows].t(), shares)
            dbias.add_(shares.sum(0))
        return dx, dkernel, dbias, None


def _powers(scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The largest score of each row `(M,)`, in place of the scores `(M, V)` powers of e, of which it is 1, and their
    sums `(M,)`."""
    most = scores.amax(1)
    powers = scores.sub_(most[:, None]).exp_()
    return most, powers, powers.sum(1)


def _blocks(steps: int, vocabulary: int) -> Iterator[slice]:
    size = max(BLOCK // vocabulary, 1)
    return (slice(start, start + size) for start in range(0, steps, size))
