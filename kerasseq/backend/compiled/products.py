"""What the gradients before the activations say about inputs and weights: one multiplication a gate, over all steps."""

# S valid steps, D features, H units, G gates

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from kerasseq.backend.compiled.gemm import NORMAL, TRANSPOSED, multiply

__all__ = ["sums", "to_inputs", "to_weights"]

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@compiled
def to_inputs(blas: int, gates: Any, kernel: Any) -> Any:
    """Gradient of the inputs, `(S, D)`, from that of the gates `(G, S, H)` through the kernel `(D, G H)`."""
    count, steps, units = gates.shape
    features = kernel.shape[0]
    out = np.zeros((steps, features), dtype=np.float32)
    for g in range(count):
        multiply(
            blas, gates[g], units, NORMAL, kernel[:, g * units :], count * units, TRANSPOSED, out, features, steps,
            features, units, 0.0 if g == 0 else 1.0,
        )  # fmt: skip
    return out


@compiled
def to_weights(blas: int, x: Any, gates: Any) -> Any:
    """Gradient of weights `(D, G H)` that multiply x `(S, D)`, from that of the gates `(G, S, H)`."""
    count, steps, units = gates.shape
    out = np.zeros((x.shape[1], count * units), dtype=np.float32)
    for g in range(count):
        multiply(
            blas, x, x.shape[1], TRANSPOSED, gates[g], units, NORMAL, out[:, g * units :], count * units, x.shape[1],
            units, steps, 0.0,
        )  # fmt: skip
    return out


@compiled
def sums(gates: Any) -> Any:
    """Sum of `(G, S, H)` over the steps, `(G H,)`."""
    count, steps, units = gates.shape
    out = np.zeros(count * units, dtype=np.float32)
    for g in range(count):
        part = out[g * units : (g + 1) * units]
        for s in range(steps):
            for i in range(units):
                part[i] += gates[g, s, i]
    return out
