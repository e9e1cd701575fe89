"""How many batches a sample has."""

from __future__ import annotations

import math

from kerasseq_bench.layers.streams import Plan, representative

__all__ = ["size"]

RAGGED = 12
"""Batches that texts of unequal lengths should have at least, so that short and long ones are among them."""
DEAREST = 1.0
"""Seconds of a sample that this wish must not exceed."""
FEWEST = 4
"""Batches that must be had, whatever they cost, where batches differ in length by more than a fifth."""


def size(plan: Plan, seconds: float, wanted: float, equal: bool) -> list[int]:
    """The numbers of the batches of a sample.

    Args:
        plan: What the system makes of an epoch.
        seconds: What its middling batch takes.
        wanted: Seconds that a sample should take at least.
        equal: All texts have the same length.
    """
    count = math.ceil(wanted / max(seconds, 1e-6))
    if not equal:
        fewest = FEWEST if plan.padded.std() > 0.2 * plan.padded.mean() else 1
        count = max(count, fewest, min(RAGGED, int(DEAREST / max(seconds, 1e-6))))
    return representative(plan, min(count, len(plan.batches)))
