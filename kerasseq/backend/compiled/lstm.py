"""LSTM: `c' = f c + i g`, `h' = o tanh(c')`, with gates i, f, g, o (Hochreiter and Schmidhuber, 1997)."""

# R rows, S valid steps, D features, H units

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from kerasseq.backend.compiled.activations import elementwise, sigmoid_of_sum, sigmoid_slope, squash, tanh_of_sum, times
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
    memory: Any,
    span: int,
) -> Any:
    """h and c `(R + S, H)`, each with its start before the packed answers; the gates `(S, 4 H)` of `span` steps.

    Args:
        few: What `straight` multiplies a step with.
        many: The same, of many steps.
        x: Packed, `(S, D)`.
        words: Products that are known; see `project`, as the next two.
        places: Of the steps.
        column: Where those of this kernel begin.
        offsets: Of the blocks.
        kernel: `(D, 4 H)`.
        recurrent: `(H, 4 H)`.
        bias: `(4 H,)`.
        state: h, `(R, H)`.
        memory: c, `(R, H)`.
        span: Steps whose gates are held; the last ones remain. The gradient needs them all.
    """
    rows, units = state.shape
    wide, steps = 4 * units, offsets[-1]
    h = np.empty((rows + steps, units), dtype=np.float32)
    c = np.empty((rows + steps, units), dtype=np.float32)
    gates = np.empty((offsets[min(span, len(offsets) - 1)], wide), dtype=np.float32)
    for row in range(rows):
        copy(h[row], state[row])
        copy(c[row], memory[row])
    weight = padded(recurrent, False)
    before = base = 0
    for t in range(len(offsets) - 1):
        first, last = offsets[t], offsets[t + 1]
        if t % span == 0:
            base = first
            some = offsets[min(t + span, len(offsets) - 1)] - base
            project(many, x, kernel, words, places, column, base, some, gates)
        now = gates[first - base : last - base]
        straight(few, h[before:], units, weight, wide + 16, now, wide, last - first, wide, units, 1.0)
        sigmoid_of_sum(now, 0, 2 * units, bias)
        tanh_of_sum(now, 2 * units, 3 * units, bias)
        sigmoid_of_sum(now, 3 * units, wide, bias)
        _remember(c[rows + first : rows + last], c[before:], now)
        _answer(h[rows + first : rows + last], c[rows + first : rows + last], now)
        before = rows + first
    return h, c, gates


@elementwise
def _remember(c: Any, before: Any, gates: Any) -> None:
    units = c.shape[1]
    for row in range(c.shape[0]):
        i, f, g = gates[row, :units], gates[row, units : 2 * units], gates[row, 2 * units : 3 * units]
        new, old = c[row], before[row]
        for k in range(len(new)):
            new[k] = f[k] * old[k] + i[k] * g[k]


@elementwise
def _answer(h: Any, c: Any, gates: Any) -> None:
    units = c.shape[1]
    for row in range(h.shape[0]):
        o, answer, memory = gates[row, 3 * units :], h[row], c[row]
        for k in range(len(answer)):
            answer[k] = o[k] * squash(memory[k])


@compiled
def backward(few: int, offsets: Any, recurrent: Any, c: Any, gates: Any, d: Any, dmemory: Any) -> Any:
    """Turn `gates` into the gradients before their activations; returns the gradient of `state`.

    Args:
        few: What `straight` multiplies a step with.
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
    weight = padded(recurrent, True)
    for t in range(len(offsets) - 2, -1, -1):
        first, last = offsets[t], offsets[t + 1]
        before = rows + offsets[t - 1] if t else 0
        now = gates[first:last]
        _back(now, c[before:], c[rows + first :], d[first:], dmemory)
        into = d[offsets[t - 1] :] if t else dstate
        straight(few, now, wide, weight, units + 16, into, units, last - first, units, wide, 1.0)
    return dstate


@elementwise
def _back(gates: Any, before: Any, c: Any, d: Any, dc: Any) -> None:
    units = c.shape[1]
    squashed, kept = np.empty(units, dtype=np.float32), np.empty(units, dtype=np.float32)
    for row in range(gates.shape[0]):
        i, f = gates[row, :units], gates[row, units : 2 * units]
        g, o = gates[row, 2 * units : 3 * units], gates[row, 3 * units :]
        memory, dm, dh = c[row], dc[row], d[row]
        for k in range(len(squashed)):
            squashed[k] = squash(memory[k])
        for k in range(len(dm)):
            dm[k] = dm[k] + dh[k] * o[k] * (ONE - squashed[k] * squashed[k])
        sigmoid_slope(o, dh, squashed)
        copy(kept, i)
        sigmoid_slope(i, dm, g)
        for k in range(len(g)):
            g[k] = dm[k] * kept[k] * (ONE - g[k] * g[k])
        times(kept, dm, f)
        sigmoid_slope(f, dm, before[row])
        copy(dm, kept)
