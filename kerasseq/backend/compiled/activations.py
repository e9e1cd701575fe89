"""tanh and the logistic sigmoid of float32 arrays, in a form that compilers turn into vector instructions.

Each loop writes one array and reads few: with more, the compiler can no longer prove that they do not overlap.

tanh is an odd rational function, x P(x^2) / Q(x^2), fitted for least largest relative error on |x| <= 7.91; beyond it
tanh is 1 within single precision.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

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

BOUND = np.float32(7.91)
P0, P1, P2 = np.float32(0.9999999942815399), np.float32(0.13450011869798062), np.float32(0.0035782563902940255)
P3, P4 = np.float32(2.2010421660004816e-05), np.float32(1.5408182110524105e-08)
Q1, Q2 = np.float32(0.4678333980680022), np.float32(0.02618947402436453)
Q3, Q4 = np.float32(0.0003422419833109943), np.float32(8.591152303587135e-07)
ONE, HALF, ZERO = np.float32(1), np.float32(0.5), np.float32(0)


elementwise = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
"""Compiles a loop over elements. Not-a-number stays what it is: a diverged model must not look sound."""


@numba.njit(inline="always")
def squash(x: Any) -> Any:
    """tanh of a float32, within 4e-7."""
    x = BOUND if x > BOUND else x
    x = -BOUND if x < -BOUND else x
    s = x * x
    p = (((P4 * s + P3) * s + P2) * s + P1) * s + P0
    q = (((Q4 * s + Q3) * s + Q2) * s + Q1) * s + ONE
    return x * p / q


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
            y[i] = HALF + HALF * squash(HALF * (y[i] + shift[i]))


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
