"""Dropout (Srivastava et al., 2014) whose mask is a function of a place and of one drawn number.

The mask of a batch is never in memory: each element's fate is a hash of where it stands and of the number that the
batch drew, and the gradient asks the hash again. torch draws one number after the other, twenty times as slow.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import torch

__all__ = ["dropout"]

FIRST, SECOND = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
"""Of the hash with the least bias among two multiplications and three shifts (Wellons, 2018)."""
WHOLE = 2**32


def dropout(x: Any, rate: float) -> Any:
    """`x` with a share of `rate` of its numbers set to zero, the others divided by what is left.

    One number of torch's generator of the CPU is drawn.

    Args:
        x: Float32 on the CPU.
        rate: In (0, 1).
    """
    return _Dropout.apply(x, rate, int(torch.empty((), dtype=torch.int64).random_()))


class _Dropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, rate: float, drawn: int) -> Any:
        ctx.rate, ctx.drawn = rate, drawn
        return _masked(x, rate, drawn)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Any) -> Any:
        return _masked(gradient, ctx.rate, ctx.drawn), None, None


def _masked(x: Any, rate: float, drawn: int) -> Any:
    given = x.detach().contiguous().numpy()
    out = np.empty_like(given)
    keys = np.array([drawn % WHOLE, drawn // WHOLE % WHOLE], dtype=np.uint32)
    dropped = np.uint32(min(round(rate * WHOLE), WHOLE - 1))
    mask(given.reshape(-1), keys, dropped, np.float32(1 / (1 - rate)), out.reshape(-1))
    return torch.from_numpy(out)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def mask(x: Any, keys: Any, dropped: Any, factor: Any, out: Any) -> None:
    """Write x times `factor` or times 0 to `out`; what is not a number stays so.

    Args:
        x: `(N,)` float32.
        keys: Two uint32: which of the masks.
        dropped: Of 2^32 values of the hash so many are dropped.
        factor: Float32.
        out: `(N,)` float32.
    """
    one, two = keys[0], keys[1]
    for i in range(len(x)):
        found = _hash(np.uint32(_hash(np.uint32(np.uint32(i) + one)) ^ two))
        out[i] = x[i] * (factor if found >= dropped else np.float32(0))


@numba.njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _hash(x: Any) -> Any:
    """A permutation of 32 bits that looks random."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * FIRST)
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * SECOND)
    return np.uint32(x ^ (x >> np.uint32(16)))
