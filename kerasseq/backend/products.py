"""Products with one matrix at many steps, whose gradient by that matrix is one product over all of them."""

# N rows of all steps, K features, M of the product

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from kerasseq.backend.select import current

__all__ = ["Multiply", "multiply", "over_steps"]

Tensor = Any
Multiply = Callable[..., Tensor]
"""`multiply(x, kernel, last)`, see there."""


def multiply(x: Tensor, kernel: Any, last: int = 0) -> Tensor:
    """`x W`.

    Args:
        x: `(..., K)`.
        kernel: W, a variable.
        last: How many of its rows, the last ones; 0 for all.
    """
    return ops.matmul(x, kernel[-last:] if last else kernel)


def over_steps() -> Multiply:
    """What multiplies as `multiply` does, for the steps of one text and one gradient of it.

    On torch every step would add a product of few rows to a matrix as large as the weights; jax scans, and does so.
    """
    if current() != "torch":
        return multiply
    from kerasseq.backend.torch_products import OverSteps

    return OverSteps()
