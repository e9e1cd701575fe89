"""What a train step eats."""

# B batch, T time

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Batch"]


@dataclass(frozen=True)
class Batch:
    """One padded batch.

    Attributes:
        tokens: One `(B, T)` int32 array per input of the model; 0 is padding.
        targets: `(B, ...)`, what the task's loss compares with.
        weights: `(B,)` float32; 0 for rows that only fill up the batch.
        rows: `(R,)` int64 with R <= B: which rows of the corpus these are, in order; fillers come last.
    """

    tokens: tuple[NDArray[np.int32], ...]
    targets: NDArray[Any]
    weights: NDArray[np.float32]
    rows: NDArray[np.int64]
