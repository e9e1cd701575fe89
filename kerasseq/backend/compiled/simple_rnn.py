"""SimpleRNN: `h' = tanh(x W + h R + b)`, or its relu (Elman, 1990)."""

# R rows, S valid steps, D features, H units

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from kerasseq.backend.compiled.activations import elementwise, relu_of_sum, tanh_of_sum
from kerasseq.backend.compiled.gemm import padded, straight
from kerasseq.backend.compiled.inputs import project
from kerasseq.backend.compiled.packing import copy

__all__ = ["backward", "forward"]

INLINED = "00c24ef55391"
"""Of the files that these loops inline: numba asks the text of this one alone whether it is to compile again."""

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

ONE, ZERO = np.float32(1), np.float32(0)


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
    relu: bool,
) -> Any:
    """States `(R + S, H)`: `state`, then the packed answers.

    Args:
        few: What `straight` multiplies a step with.
        many: The same, of many steps.
        x: Packed, `(S, D)`.
        words: Products that are known; see `project`, as the next two.
        places: Of the steps.
        column: Where those of this kernel begin.
        offsets: Of the blocks.
        kernel: `(D, H)`.
        recurrent: `(H, H)`.
        bias: `(H,)`.
        state: `(R, H)`.
        relu: relu in place of tanh.
    """
    rows, units = state.shape
    h = np.empty((rows + offsets[-1], units), dtype=np.float32)
    for row in range(rows):
        copy(h[row], state[row])
    y = h[rows:]
    project(many, x, kernel, words, places, column, 0, len(y), y)
    weight = padded(recurrent, False)
    before = 0
    for t in range(len(offsets) - 1):
        first, last = offsets[t], offsets[t + 1]
        count = last - first
        straight(few, h[before:], units, weight, units + 16, y[first:], units, count, units, units, 1.0)
        if relu:
            relu_of_sum(y[first:last], 0, units, bias)
        else:
            tanh_of_sum(y[first:last], 0, units, bias)
        before = rows + first
    return h


@compiled
def backward(few: int, offsets: Any, recurrent: Any, h: Any, d: Any, relu: bool) -> Any:
    """Turn `d` `(S, H)`, the gradient of the answers, into that before the activation; returns that of `state`."""
    rows, units = len(h) - len(d), h.shape[1]
    y = h[rows:]
    dstate = np.zeros((rows, units), dtype=np.float32)
    weight = padded(recurrent, True)
    for t in range(len(offsets) - 2, -1, -1):
        first, last = offsets[t], offsets[t + 1]
        if relu:
            _relu_slope(d[first:last], y[first:last])
        else:
            _tanh_slope(d[first:last], y[first:last])
        into = d[offsets[t - 1] :] if t else dstate
        straight(few, d[first:], units, weight, units + 16, into, units, last - first, units, units, 1.0)
    return dstate


@elementwise
def _tanh_slope(d: Any, y: Any) -> None:
    for row in range(y.shape[0]):
        for i in range(y.shape[1]):
            d[row, i] = d[row, i] * (ONE - y[row, i] * y[row, i])


@elementwise
def _relu_slope(d: Any, y: Any) -> None:
    for row in range(y.shape[0]):
        for i in range(y.shape[1]):
            d[row, i] = d[row, i] if y[row, i] > ZERO else ZERO
