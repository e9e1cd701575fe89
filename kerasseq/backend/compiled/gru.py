"""GRU: `h' = z h + (1 - z) n` with the reset gate after or before the recurrent multiplication of the candidate n.

After: `n = tanh(x W + b + r (h R + c))`; before: `n = tanh(x W + b + (r h) R)` (Cho et al., 2014, v3 and v1).
"""

# R rows, S valid steps, D features, H units

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from kerasseq.backend.compiled.activations import (
    add_times,
    elementwise,
    sigmoid_of_sum,
    sigmoid_slope,
    squash,
    tanh_of_sum,
    times,
)
from kerasseq.backend.compiled.gemm import NORMAL, TRANSPOSED, multiply

__all__ = ["backward", "forward"]

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

ONE = np.float32(1)


@compiled
def forward(blas: int, x: Any, offsets: Any, kernel: Any, recurrent: Any, bias: Any, state: Any, after: bool) -> Any:
    """h `(R + S, H)`, `state` before the packed answers; the gates z, r, n `(3, S, H)`; and `inner` `(S, H)`.

    Args:
        blas: Address of `sgemm`.
        x: Packed, `(S, D)`.
        offsets: Of the blocks.
        kernel: `(D, 3 H)`.
        recurrent: `(H, 3 H)`.
        bias: `(2, 3 H)`: of the input and of the recurrent multiplication.
        state: `(R, H)`.
        after: Where the reset gate is; `inner` is `h R + c` when it comes after, `r h` when it comes before.
    """
    rows, units = state.shape
    wide = 3 * units
    h = np.empty((rows + len(x), units), dtype=np.float32)
    gates = np.empty((3, len(x), units), dtype=np.float32)
    inner = np.empty((len(x), units), dtype=np.float32)
    h[:rows] = state
    for g in range(3):
        multiply(
            blas, x, x.shape[1], NORMAL, kernel[:, g * units :], wide, NORMAL, gates[g], units, len(x), units,
            x.shape[1], 0.0,
        )  # fmt: skip
    both = bias[0] + bias[1]
    of_n = recurrent[:, 2 * units :]
    before = 0
    for t in range(len(offsets) - 1):
        first, last = offsets[t], offsets[t + 1]
        count = last - first
        z, r, n, q = gates[0, first:last], gates[1, first:last], gates[2, first:last], inner[first:last]
        for g in range(2):
            gate = gates[g, first:last]
            multiply(
                blas, h[before:], units, NORMAL, recurrent[:, g * units :], wide, NORMAL, gate, units, count, units,
                units, 1.0,
            )  # fmt: skip
            sigmoid_of_sum(gate, both[g * units : (g + 1) * units])
        if after:
            multiply(blas, h[before:], units, NORMAL, of_n, wide, NORMAL, q, units, count, units, units, 0.0)
            _add(q, bias[1, 2 * units :])
            _candidate(n, bias[0, 2 * units :], r, q)
        else:
            times(q, r, h[before:])
            multiply(blas, q, units, NORMAL, of_n, wide, NORMAL, n, units, count, units, units, 1.0)
            tanh_of_sum(n, both[2 * units :])
        _mix(h[rows + first : rows + last], z, n, h[before:])
        before = rows + first
    return h, gates, inner


@elementwise
def _add(y: Any, x: Any) -> None:
    for row in range(y.shape[0]):
        for k in range(y.shape[1]):
            y[row, k] = y[row, k] + x[k]


@elementwise
def _candidate(n: Any, bias: Any, r: Any, q: Any) -> None:
    for row in range(n.shape[0]):
        for k in range(n.shape[1]):
            n[row, k] = squash(n[row, k] + bias[k] + r[row, k] * q[row, k])


@elementwise
def _mix(h: Any, z: Any, n: Any, before: Any) -> None:
    for row in range(h.shape[0]):
        for k in range(h.shape[1]):
            h[row, k] = n[row, k] + z[row, k] * (before[row, k] - n[row, k])


@compiled
def backward(blas: int, offsets: Any, recurrent: Any, h: Any, gates: Any, inner: Any, d: Any, after: bool) -> Any:
    """Turn `gates` into the gradients before their activations; returns the gradient of `state`.

    Args:
        blas: Address of `sgemm`.
        offsets: Of the blocks.
        recurrent: `(H, 3 H)`.
        h: From `forward`.
        gates: From `forward`; overwritten.
        inner: From `forward`; with the reset gate after it becomes the gradient of `h R + c`, else it stays.
        d: Gradient of the answers, `(S, H)`; overwritten.
        after: Where the reset gate is.
    """
    rows, units = len(h) - len(d), h.shape[1]
    wide = 3 * units
    of_n = recurrent[:, 2 * units :]
    dstate = np.zeros((rows, units), dtype=np.float32)
    spare = np.empty((rows, units), dtype=np.float32)
    for t in range(len(offsets) - 2, -1, -1):
        first, last = offsets[t], offsets[t + 1]
        count = last - first
        before = h[rows + offsets[t - 1] if t else 0 :]
        z, r, n, q = gates[0, first:last], gates[1, first:last], gates[2, first:last], inner[first:last]
        into = d[offsets[t - 1] :] if t else dstate
        kept = spare[:count]
        add_times(into[:count], d[first:last], z)
        _minus(kept, before, n)
        _candidate_slope(n, d[first:last], z)
        sigmoid_slope(z, d[first:last], kept)
        if after:
            kept[:] = q
            times(q, n, r)
            sigmoid_slope(r, n, kept)
            multiply(blas, q, units, NORMAL, of_n, wide, TRANSPOSED, into, units, count, units, units, 1.0)
        else:
            multiply(blas, n, units, NORMAL, of_n, wide, TRANSPOSED, kept, units, count, units, units, 0.0)
            add_times(into[:count], kept, r)
            sigmoid_slope(r, kept, before)
        for g in range(2):
            multiply(
                blas, gates[g, first:], units, NORMAL, recurrent[:, g * units :], wide, TRANSPOSED, into, units, count,
                units, units, 1.0,
            )  # fmt: skip
    return dstate


@elementwise
def _minus(y: Any, a: Any, b: Any) -> None:
    for row in range(y.shape[0]):
        for k in range(y.shape[1]):
            y[row, k] = a[row, k] - b[row, k]


@elementwise
def _candidate_slope(n: Any, d: Any, z: Any) -> None:
    for row in range(n.shape[0]):
        for k in range(n.shape[1]):
            n[row, k] = d[row, k] * (ONE - z[row, k]) * (ONE - n[row, k] * n[row, k])
