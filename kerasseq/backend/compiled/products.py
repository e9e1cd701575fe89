"""What the gradients before the activations say about inputs and weights: one multiplication over all steps."""

# S valid steps, D features, H units, G gates

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from kerasseq.backend.compiled.gemm import NORMAL, TRANSPOSED, multiply, padded, straight

__all__ = ["sums", "to_inputs", "to_weights"]

INLINED = "f3282154cc13"
"""Of the files that these loops inline: numba asks the text of this one alone whether it is to compile again."""

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


@compiled
def to_inputs(many: int, gates: Any, kernel: Any) -> Any:
    """Gradient of the inputs, `(S, D)`, from that of the gates `(S, G H)` through the kernel `(D, G H)`."""
    steps, wide = gates.shape
    features = kernel.shape[0]
    out = np.empty((steps, features), dtype=np.float32)
    weight = padded(kernel, True)
    straight(many, gates, wide, weight, features + 16, out, features, steps, features, wide, 0.0)
    return out


@compiled
def to_weights(turned: int, x: Any, gates: Any, first: int, last: int) -> Any:
    """Gradient of weights that multiply x `(S, D)`, from the columns `first` to `last` of that of the gates."""
    wide = last - first
    out = np.zeros((x.shape[1], wide), dtype=np.float32)
    if len(x):
        multiply(
            turned, x, x.shape[1], TRANSPOSED, gates[:, first:], gates.shape[1], NORMAL, out, wide, x.shape[1], wide,
            len(x), 0.0,
        )  # fmt: skip
    return out


@compiled
def sums(gates: Any) -> Any:
    """Sum of `(S, G H)` over the steps, `(G H,)`."""
    out = np.zeros(gates.shape[1], dtype=np.float32)
    for s in range(gates.shape[0]):
        row = gates[s]
        for i in range(len(row)):
            out[i] += row[i]
    return out
