"""How probable given tokens are under a softmax over a large vocabulary, in machine code.

`torch_softmax` says what is kept and what is computed again. Here the largest score of a step, the powers and their sum
are found row by row, so that a score is fetched from memory once; products are those of `gemm`.
"""

# N steps, M steps of a block, U features, V vocabulary

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from kerasseq.backend.compiled.gemm import NORMAL, TRANSPOSED, multiply

__all__ = ["backward", "exponential", "forward"]

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")
quick = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
summing = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz", "reassoc"})
comparing = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"nnan", "nsz", "reassoc"})
"""Whatever a row of numbers with NaN has for its largest: its powers are NaN, and so is their sum."""

LOG2E, LEAST = np.float32(1.44269504), np.float32(-87.0)
HIGH, LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
ROUND = np.float32(1.5 * 2**23)
"""Added and taken away again it leaves a whole number."""
C0, C1, C2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
C3, C4, C5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
ZERO, ONE = np.float32(0), np.float32(1)


@intrinsic
def _power_of_two(typing_context: Any, whole: Any) -> Any:
    """2 to the power of a whole number in [-126, 127], as its exponent's bits."""
    signature = numba.types.float32(numba.types.float32)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(32)
        number = builder.fptosi(arguments[0], word)
        bits = builder.shl(builder.add(number, word(127)), word(23))
        return builder.bitcast(bits, ir.FloatType())

    return signature, generate


@quick
def exponential(y: Any, shift: Any) -> None:
    """y = exp(y - shift) for a row, at most 0 before, within 2e-7 of it; 0 below -87 (Cody & Waite, 1980)."""
    for i in range(len(y)):
        x = y[i] - shift
        held = LEAST if x < LEAST else x
        whole = (held * LOG2E + ROUND) - ROUND
        r = (held - whole * HIGH) - whole * LOW
        p = ((((C0 * r + C1) * r + C2) * r + C3) * r + C4) * r + C5
        power = (p * r * r + r + ONE) * _power_of_two(whole)
        y[i] = ZERO if x < LEAST else power


@comparing
def _largest(y: Any) -> Any:
    found = y[0]
    for i in range(len(y)):
        found = y[i] if y[i] > found else found
    return found


@summing
def _sum(y: Any) -> Any:
    total = ZERO
    for i in range(len(y)):
        total += y[i]
    return total


@quick
def _add(y: Any, x: Any) -> None:
    for i in range(len(y)):
        y[i] = y[i] + x[i]


@quick
def _scale(y: Any, factor: Any, shift: Any) -> None:
    for i in range(len(y)):
        y[i] = y[i] * factor + shift


@compiled
def _powers(blas: int, x: Any, kernel: Any, turned: bool, bias: Any, y: Any, found: Any, ids: Any) -> None:
    """Powers of e in place of the scores `y` `(M, V)` of x `(M, U)`, of which the largest of a row is 1.

    Of each row `found` `(M, 4)` becomes the sum of the powers, the score of its id, the largest score, and their mean.
    """
    steps, units = x.shape
    size = len(bias)
    wide = units if turned else size
    multiply(blas, x, units, NORMAL, kernel, wide, TRANSPOSED if turned else NORMAL, y, size, steps, size, units, 0.0)
    for row in range(steps):
        _add(y[row], bias)
        most = _largest(y[row])
        found[row, 1], found[row, 2], found[row, 3] = y[row, ids[row]], most, _sum(y[row]) / size
        exponential(y[row], most)
        found[row, 0] = _sum(y[row])


@compiled
def forward(blas: int, x: Any, kernel: Any, turned: bool, bias: Any, ids: Any, powers: Any) -> tuple[Any, Any, Any]:
    """The logarithm of the probability of each id `(N,)`, the mean of those of all tokens `(N,)`, and the sums of the
    powers, `(N,)`.

    Args:
        blas: Address of `sgemm`.
        x: `(N, U)`.
        kernel: `(U, V)`, or `(V, U)` if it is turned.
        turned: See there.
        bias: `(V,)`.
        ids: `(N,)` in [0, V).
        powers: Room `(M, V)` for those of as many steps as there are scores of at a time; N for the gradient to find.
    """
    steps, block = len(x), len(powers)
    own, mean, sums = np.empty(steps, np.float32), np.empty(steps, np.float32), np.empty(steps, np.float32)
    found = np.empty((block, 4), dtype=np.float32)
    for first in range(0, steps, block):
        last = min(first + block, steps)
        _powers(blas, x[first:last], kernel, turned, bias, powers[: last - first], found, ids[first:last])
        for row in range(last - first):
            total = found[row, 2] + np.log(found[row, 0])
            own[first + row] = found[row, 1] - total
            mean[first + row] = found[row, 3] - total
            sums[first + row] = found[row, 0]
    return own, mean, sums


@compiled
def backward(
    blas: int,
    x: Any,
    kernel: Any,
    turned: bool,
    bias: Any,
    ids: Any,
    powers: Any,
    kept: bool,
    sums: Any,
    down: Any,
    even: Any,
) -> tuple[Any, Any, Any]:
    """Gradients of x, the kernel, in its own layout, and the bias.

    Args:
        blas: As all that follow, see `forward`.
        x: `(N, U)`.
        kernel: `(U, V)`, or `(V, U)`.
        turned: Whether that.
        bias: `(V,)`.
        ids: `(N,)`.
        powers: `(M, V)`; overwritten.
        kept: Whether the powers of all steps are in there; else they are computed again.
        sums: `(N,)`.
        down: Gradient of the logarithms of the ids, `(N,)`.
        even: Gradient of the means, `(N,)`.
    """
    steps, units = x.shape
    size, block = len(bias), len(powers)
    dx, dkernel, dbias = np.empty_like(x), np.zeros_like(kernel), np.zeros_like(bias)
    found = np.empty((block, 4), dtype=np.float32)
    for first in range(0, steps, block):
        last = min(first + block, steps)
        count = last - first
        now, y = x[first:last], powers[:count]
        if not kept:
            _powers(blas, now, kernel, turned, bias, y, found, ids[first:last])
        for row in range(count):
            at = first + row
            _scale(y[row], -(down[at] + even[at]) / sums[at], even[at] / size)
            y[row, ids[at]] += down[at]
            _add(dbias, y[row])
        wide = units if turned else size
        multiply(
            blas, y, size, NORMAL, kernel, wide, NORMAL if turned else TRANSPOSED, dx[first:], units, count, units,
            size, 0.0,
        )  # fmt: skip
        if turned:
            multiply(blas, y, size, TRANSPOSED, now, units, NORMAL, dkernel, units, size, units, count, 1.0)
        else:
            multiply(blas, now, units, TRANSPOSED, y, size, NORMAL, dkernel, size, units, size, count, 1.0)
    return dx, dkernel, dbias
