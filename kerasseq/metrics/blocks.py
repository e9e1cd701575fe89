"""The bootstrap of rows that hang together in time: whole blocks of neighbours are drawn instead of single rows.

Künsch, The jackknife and the bootstrap for general stationary observations, 1989; circular, so that every row is drawn
equally often: Politis and Romano, A circular block-resampling procedure for stationary data, 1992.
"""

# N rows, B resamples of one chunk, L rows of a block

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerasseq.metrics.bootstrap import Measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["block_length", "in_blocks"]


def block_length(rows: int, horizon: int = 1) -> int:
    """Rows of a block: the cube root of all rows (Hall, Horowitz and Jing, 1995), and no less than the horizon.

    Windows that lie next to each other share targets: their errors hang together over `horizon` rows at least.

    Args:
        rows: Number of rows N, at least 1.
        horizon: Steps ahead, at least 1.

    >>> block_length(1000), block_length(1000, horizon=12), block_length(3, horizon=12)
    (10, 12, 3)
    """
    root = math.ceil(round(math.cbrt(rows), 9))
    return min(rows, max(root, horizon))


def in_blocks(measure: Measure, rows: int, length: int) -> Measure:
    """The same scores, of blocks: what draws rows with replacement then draws blocks of neighbours.

    Of each draw every `length`-th row number is where a block begins; the block runs on over the last row to the first
    one, and the last block is cut to N rows. All rows in their order stay all rows in their order, so that
    `bootstrap_scores` and `replicate` take the result as it is.

    Args:
        measure: Scores of the rows drawn.
        rows: Number of rows N, at least 1, in the order of time.
        length: Rows of a block L, from 1 (single rows) to N.

    Raises:
        ValueError: There is no such block.
    """
    import numpy as np

    if not 1 <= length <= rows:
        raise ValueError(f"length must be in [1, {rows}], got {length}")
    blocks = math.ceil(rows / length)

    def measured(index: NDArray[np.int64]) -> Mapping[str, NDArray[np.float64]]:
        starts = index[:, ::length][:, :blocks, None]  # (B, N / L, 1)
        drawn = (starts + np.arange(length)) % rows
        return measure(drawn.reshape(len(index), -1)[:, :rows])

    return measured
