"""LSTM: `c' = f c + i g`, `h' = o tanh(c')`, with gates i, f, g, o (Hochreiter and Schmidhuber, 1997)."""

# R rows, S valid steps, D features, H units

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from kerasseq.backend.compiled.activations import elementwise, sigmoid_of_sum, sigmoid_slope, squash, tanh_of_sum, times
from kerasseq.backend.compiled.gemm import NORMAL, TRANSPOSED, multiply

__all__ = ["backward", "forward"]

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

ONE = np.float32(1)


@compiled
def forward(blas: int, x: Any, offsets: Any, kernel: Any, recurrent: Any, bias: Any, state: Any, memory: Any) -> Any:
    """h and c `(R + S, H)`, each with its start before the packed answers; the gates `(4, S, H)`.

    Args:
        blas: Address of `sgemm`.
        x: Packed, `(S, D)`.
        offsets: Of the blocks.
        kernel: `(D, 4 H)`.
        recurrent: `(H, 4 H)`.
        bias: `(4 H,)`.
        state: h, `(R, H)`.
        memory: c, `(R, H)`.
    """
    rows, units = state.shape
    wide = 4 * units
    h = np.empty((rows + len(x), units), dtype=np.float32)
    c = np.empty((rows + len(x), units), dtype=np.float32)
    gates = np.empty((4, len(x), units), dtype=np.float32)
    h[:rows] = state
    c[:rows] = memory
    for g in range(4):
        multiply(
            blas, x, x.shape[1], NORMAL, kernel[:, g * units :], wide, NORMAL, gates[g], units, len(x), units,
            x.shape[1], 0.0,
        )  # fmt: skip
    before = 0
    for t in range(len(offsets) - 1):
        first, last = offsets[t], offsets[t + 1]
        for g in range(4):
            block, shift = gates[g, first:last], bias[g * units : (g + 1) * units]
            multiply(
                blas, h[before:], units, NORMAL, recurrent[:, g * units :], wide, NORMAL, block, units, last - first,
                units, units, 1.0,
            )  # fmt: skip
            if g == 2:
                tanh_of_sum(block, shift)
            else:
                sigmoid_of_sum(block, shift)
        now = c[rows + first : rows + last]
        _remember(now, c[before:], gates[0, first:], gates[1, first:], gates[2, first:])
        _answer(h[rows + first : rows + last], now, gates[3, first:])
        before = rows + first
    return h, c, gates


@elementwise
def _remember(c: Any, before: Any, i: Any, f: Any, g: Any) -> None:
    for row in range(c.shape[0]):
        for k in range(c.shape[1]):
            c[row, k] = f[row, k] * before[row, k] + i[row, k] * g[row, k]


@elementwise
def _answer(h: Any, c: Any, o: Any) -> None:
    for row in range(h.shape[0]):
        for k in range(h.shape[1]):
            h[row, k] = o[row, k] * squash(c[row, k])


@compiled
def backward(blas: int, offsets: Any, recurrent: Any, c: Any, gates: Any, d: Any, dmemory: Any) -> Any:
    """Turn `gates` into the gradients before their activations; returns the gradient of `state`.

    Args:
        blas: Address of `sgemm`.
        offsets: Of the blocks.
        recurrent: `(H, 4 H)`.
        c: From `forward`.
        gates: From `forward`; overwritten.
        d: Gradient of the answers, `(S, H)`; overwritten.
        dmemory: Gradient of each row's last c, `(R, H)`; becomes that of `memory`.
    """
    rows, units = dmemory.shape
    wide = 4 * units
    dstate = np.zeros((rows, units), dtype=np.float32)
    spare = np.empty((2, rows, units), dtype=np.float32)
    for t in range(len(offsets) - 2, -1, -1):
        first, last = offsets[t], offsets[t + 1]
        before = rows + offsets[t - 1] if t else 0
        block = gates[:, first:last]
        _back(block, c[before:], c[rows + first : rows + last], d[first:last], dmemory[: last - first], spare)
        into = d[offsets[t - 1] :] if t else dstate
        for g in range(4):
            multiply(
                blas, gates[g, first:], units, NORMAL, recurrent[:, g * units :], wide, TRANSPOSED, into, units,
                last - first, units, units, 1.0,
            )  # fmt: skip
    return dstate


@compiled
def _back(gates: Any, before: Any, c: Any, d: Any, dc: Any, spare: Any) -> None:
    i, f, g, o = gates[0], gates[1], gates[2], gates[3]
    squashed, kept = spare[0], spare[1]
    _tanh(squashed, c)
    _through_answer(dc, d, o, squashed)
    sigmoid_slope(o, d, squashed)
    kept[: len(dc)] = i
    sigmoid_slope(i, dc, g)
    _tanh_slope(g, dc, kept)
    times(kept[: len(dc)], dc, f)
    sigmoid_slope(f, dc, before)
    dc[:] = kept[: len(dc)]


@elementwise
def _tanh(y: Any, x: Any) -> None:
    for row in range(x.shape[0]):
        for k in range(x.shape[1]):
            y[row, k] = squash(x[row, k])


@elementwise
def _through_answer(dc: Any, d: Any, o: Any, squashed: Any) -> None:
    for row in range(dc.shape[0]):
        for k in range(dc.shape[1]):
            dc[row, k] = dc[row, k] + d[row, k] * o[row, k] * (ONE - squashed[row, k] * squashed[row, k])


@elementwise
def _tanh_slope(gate: Any, a: Any, b: Any) -> None:
    for row in range(gate.shape[0]):
        for k in range(gate.shape[1]):
            gate[row, k] = a[row, k] * b[row, k] * (ONE - gate[row, k] * gate[row, k])
