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
from kerasseq.backend.compiled.gemm import padded, straight
from kerasseq.backend.compiled.inputs import project
from kerasseq.backend.compiled.packing import copy

__all__ = ["backward", "forward"]

INLINED = "00c24ef55391"
"""Of the files that these loops inline: numba asks the text of this one alone whether it is to compile again."""

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

ONE = np.float32(1)


@compiled
def forward(
    few: int,
    many: int,
    x: Any,
    words: Any,
    places: Any,
    column: int,
    offsets: Any,
    kernel: Any,
    recurrent: Any,
    bias: Any,
    state: Any,
    after: bool,
    span: int,
) -> Any:
    """h `(R + S, H)`, `state` before the packed answers; the gates z, r, n `(S, 3 H)` and `inner` `(S, H)` of
    `span` steps.

    Args:
        few: What `straight` multiplies a step with.
        many: The same, of many steps.
        x: Packed, `(S, D)`.
        words: Products that are known; see `project`, as the next two.
        places: Of the steps.
        column: Where those of this kernel begin.
        offsets: Of the blocks.
        kernel: `(D, 3 H)`.
        recurrent: `(H, 3 H)`.
        bias: `(2, 3 H)`: of the input and of the recurrent multiplication.
        state: `(R, H)`.
        after: Where the reset gate is; `inner` is `h R + c` when it comes after, `r h` when it comes before.
        span: Steps whose gates are held; the last ones remain. The gradient needs them all.
    """
    rows, units = state.shape
    two, wide = 2 * units, 3 * units
    h = np.empty((rows + offsets[-1], units), dtype=np.float32)
    held = offsets[min(span, len(offsets) - 1)]
    gates = np.empty((held, wide), dtype=np.float32)
    inner = np.empty((held, units), dtype=np.float32)
    for row in range(rows):
        copy(h[row], state[row])
    both = np.empty(wide, dtype=np.float32)
    for i in range(wide):
        both[i] = bias[0, i] + bias[1, i]
    weight = padded(recurrent, False)
    before = base = 0
    for t in range(len(offsets) - 1):
        first, last = offsets[t], offsets[t + 1]
        count = last - first
        if t % span == 0:
            base = first
            some = offsets[min(t + span, len(offsets) - 1)] - base
            project(many, x, kernel, words, places, column, base, some, gates)
        now, old, q = gates[first - base : last - base], h[before:], inner[first - base : last - base]
        straight(few, old, units, weight, wide + 16, now, wide, count, two, units, 1.0)
        sigmoid_of_sum(now, 0, two, both)
        if after:
            straight(few, old, units, weight[:, two:], wide + 16, q, units, count, units, units, 0.0)
            _candidate(now, q, bias)
        else:
            _reset(q, now, old)
            straight(few, q, units, weight[:, two:], wide + 16, now[:, two:], wide, count, units, units, 1.0)
            tanh_of_sum(now, two, wide, both)
        _mix(h[rows + first : rows + last], now, old)
        before = rows + first
    return h, gates, inner


@elementwise
def _candidate(gates: Any, inner: Any, bias: Any) -> None:
    units = inner.shape[1]
    shift, outer = bias[0, 2 * units :], bias[1, 2 * units :]
    for row in range(gates.shape[0]):
        r, n, q = gates[row, units : 2 * units], gates[row, 2 * units :], inner[row]
        for k in range(len(q)):
            q[k] = q[k] + outer[k]
        for k in range(len(n)):
            n[k] = squash(n[k] + shift[k] + r[k] * q[k])


@elementwise
def _reset(inner: Any, gates: Any, before: Any) -> None:
    units = inner.shape[1]
    for row in range(gates.shape[0]):
        times(inner[row], gates[row, units : 2 * units], before[row])


@elementwise
def _mix(h: Any, gates: Any, before: Any) -> None:
    units = h.shape[1]
    for row in range(h.shape[0]):
        new, old, z, n = h[row], before[row], gates[row, :units], gates[row, 2 * units :]
        for k in range(len(new)):
            new[k] = n[k] + z[k] * (old[k] - n[k])


@compiled
def backward(few: int, offsets: Any, recurrent: Any, h: Any, gates: Any, inner: Any, d: Any, after: bool) -> Any:
    """Turn `gates` into the gradients before their activations; returns the gradient of `state`.

    Args:
        few: What `straight` multiplies a step with.
        offsets: Of the blocks.
        recurrent: `(H, 3 H)`.
        h: From `forward`.
        gates: From `forward`; overwritten.
        inner: From `forward`; with the reset gate after it becomes the gradient of `h R + c`, else it stays.
        d: Gradient of the answers, `(S, H)`; overwritten.
        after: Where the reset gate is.
    """
    rows, units = len(h) - len(d), h.shape[1]
    two, wide, pitch = 2 * units, 3 * units, units + 16
    weight = padded(recurrent, True)
    dstate = np.zeros((rows, units), dtype=np.float32)
    through = np.empty((rows, units), dtype=np.float32)
    for t in range(len(offsets) - 2, -1, -1):
        first, last = offsets[t], offsets[t + 1]
        count = last - first
        old = h[rows + offsets[t - 1] if t else 0 :]
        now, q = gates[first:last], inner[first:last]
        into = d[offsets[t - 1] :] if t else dstate
        _back(now, old, d[first:], into)
        if after:
            _back_after(now, q)
            straight(few, q, units, weight[two:], pitch, into, units, count, units, units, 1.0)
        else:
            dn = now[:, two:]
            straight(few, dn, wide, weight[two:], pitch, through, units, count, units, units, 0.0)
            _back_before(now, through, old, into)
        straight(few, now, wide, weight, pitch, into, units, count, units, two, 1.0)
    return dstate


@elementwise
def _back(gates: Any, before: Any, d: Any, into: Any) -> None:
    units = d.shape[1]
    step = np.empty(units, dtype=np.float32)
    for row in range(gates.shape[0]):
        z, n, dh, old = gates[row, :units], gates[row, 2 * units :], d[row], before[row]
        add_times(into[row], dh, z)
        for k in range(len(step)):
            step[k] = old[k] - n[k]
        for k in range(len(n)):
            n[k] = dh[k] * (ONE - z[k]) * (ONE - n[k] * n[k])
        sigmoid_slope(z, dh, step)


@elementwise
def _back_after(gates: Any, inner: Any) -> None:
    units = inner.shape[1]
    kept = np.empty(units, dtype=np.float32)
    for row in range(gates.shape[0]):
        r, n, q = gates[row, units : 2 * units], gates[row, 2 * units :], inner[row]
        copy(kept, q)
        times(q, n, r)
        sigmoid_slope(r, n, kept)


@elementwise
def _back_before(gates: Any, through: Any, before: Any, into: Any) -> None:
    units = through.shape[1]
    for row in range(gates.shape[0]):
        r = gates[row, units : 2 * units]
        add_times(into[row], through[row], r)
        sigmoid_slope(r, through[row], before[row])
