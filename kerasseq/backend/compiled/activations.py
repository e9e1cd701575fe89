"""tanh and the logistic sigmoid of float32 arrays, in a form that compilers turn into vector instructions.

Each loop writes one array and reads few: with more, the compiler can no longer prove that they do not overlap.

Both go by e^z - 1 = (2^n - 1) + 2^n (e^r - 1), where z = n log 2 + r with a whole n and |r| <= log(2) / 2, and by a
polynomial for e^r that is fitted for least largest relative error. A slope is 1 - y^2 or y (1 - y), so an answer near
1 must be as exact as single precision can have it: there tanh is one minus what is missing.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = [
    "add_times",
    "elementwise",
    "relu_of_sum",
    "sigmoid_of_sum",
    "sigmoid_slope",
    "squash",
    "tanh_of_sum",
    "times",
]

LOG2E, LOG2 = np.float32(1.4426950408889634), np.float32(0.6931471805599453)
LOG2_HIGH, LOG2_LOW = np.float32(0.693359375), np.float32(-0.00021219444005469057)
E2, E3, E4 = np.float32(0.49999993447767616), np.float32(0.16666520631511897), np.float32(0.04166838805110626)
E5, E6 = np.float32(0.00836871689805195), np.float32(0.0013814598367385923)
NEAR = np.float32(0.625)
"""Below it tanh is a quotient, beyond it one minus a quotient."""
FAR = np.float32(10)
"""Beyond it tanh is 1."""
OPEN = np.float32(87)
"""Beyond it the sigmoid is 1, and 1e-38 at the other side."""
WHOLE = np.float32(1.5 * 2**23)
"""Adding it rounds a float32 to a whole number, which then stands in the lowest bits."""
DIGITS, ONE_BITS = np.int32(23), np.int32(0x3F800000)
SIGN, MAGNITUDE = np.int32(-(2**31)), np.int32(2**31 - 1)
ONE, TWO, ZERO = np.float32(1), np.float32(2), np.float32(0)


elementwise = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
"""Compiles a loop over elements. Not-a-number stays what it is: a diverged model must not look sound."""


@intrinsic
def bits(_: Any, x: Any) -> Any:
    """The bits of a float32 as an int32."""
    return types.int32(types.float32), lambda _, builder, signature, given: builder.bitcast(given[0], ir.IntType(32))


@intrinsic
def from_bits(_: Any, x: Any) -> Any:
    """The float32 that has the bits of an int32."""
    return types.float32(types.int32), lambda _, builder, signature, given: builder.bitcast(given[0], ir.FloatType())


@numba.njit(inline="always")
def small_exp(r: Any) -> Any:
    """e^r - 1 for |r| <= log(2) / 2."""
    return ((((E6 * r + E5) * r + E4) * r + E3) * r + E2) * (r * r) + r


@numba.njit(inline="always")
def power_of_two(shifted: Any) -> Any:
    """2^n, of n + WHOLE."""
    return from_bits((bits(shifted) << DIGITS) + ONE_BITS)


@numba.njit(inline="always")
def squash(x: Any) -> Any:
    """tanh of a float32, within 8e-8, and within 4e-8 where it is larger than 0.96."""
    a = from_bits(bits(x) & MAGNITUDE)
    a = FAR if a > FAR else a
    z = a + a
    shifted = z * LOG2E + WHOLE
    scale = power_of_two(shifted)
    t = scale * small_exp(z - (shifted - WHOLE) * LOG2) + (scale - ONE)  # e^z - 1
    near = a < NEAR
    y = (t if near else TWO) / (t + TWO)
    return from_bits(bits(y if near else ONE - y) | (bits(x) & SIGN))


@numba.njit(inline="always")
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)) of a float32, within 9e-8, and within three parts of ten million where it is small."""
    x = OPEN if x > OPEN else x
    x = -OPEN if x < -OPEN else x
    shifted = WHOLE - x * LOG2E
    n = shifted - WHOLE
    scale = power_of_two(shifted)
    return ONE / (ONE + (scale * small_exp(-x - n * LOG2_HIGH - n * LOG2_LOW) + scale))


@elementwise
def tanh_of_sum(gates: Any, first: int, last: int, bias: Any) -> None:
    """y = tanh(y + bias) for the columns y from `first` to `last` of gates `(R, G H)` and of bias `(G H,)`."""
    shift = bias[first:last]
    for row in range(gates.shape[0]):
        y = gates[row, first:last]
        for i in range(len(y)):
            y[i] = squash(y[i] + shift[i])


@elementwise
def sigmoid_of_sum(gates: Any, first: int, last: int, bias: Any) -> None:
    """y = 1 / (1 + exp(-(y + bias))) for the columns y from `first` to `last`."""
    shift = bias[first:last]
    for row in range(gates.shape[0]):
        y = gates[row, first:last]
        for i in range(len(y)):
            y[i] = sigmoid(y[i] + shift[i])


@elementwise
def relu_of_sum(gates: Any, first: int, last: int, bias: Any) -> None:
    """y = max(y + bias, 0) for the columns y from `first` to `last`."""
    shift = bias[first:last]
    for row in range(gates.shape[0]):
        y = gates[row, first:last]
        for i in range(len(y)):
            total = y[i] + shift[i]
            y[i] = ZERO if total < ZERO else total


@elementwise
def sigmoid_slope(gate: Any, a: Any, b: Any) -> None:
    """A row of a gate becomes the gradient before its sigmoid, where `a b` is the gradient after it."""
    for i in range(len(gate)):
        gate[i] = a[i] * b[i] * gate[i] * (ONE - gate[i])


@elementwise
def times(y: Any, a: Any, b: Any) -> None:
    """y = a b, for rows."""
    for i in range(len(y)):
        y[i] = a[i] * b[i]


@elementwise
def add_times(y: Any, a: Any, b: Any) -> None:
    """y += a b, for rows."""
    for i in range(len(y)):
        y[i] = y[i] + a[i] * b[i]
