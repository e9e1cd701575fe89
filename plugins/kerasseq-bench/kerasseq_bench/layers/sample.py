"""How many batches a sample has."""

from __future__ import annotations

import math

from kerasseq_bench.layers.streams import Plan, representative

__all__ = ["size"]

DIFFERENT = 12
"""Batches that a sample should have where they differ in size, so that short, middling and long ones are among them."""
ALIKE = 4
"""The same where texts differ in length but batches hardly do: random batches all hold some long text."""
DEAREST = 1.0
"""Seconds of a sample that these wishes must not exceed."""
FEWEST = 4
"""Batches that a sample has, whatever they cost, where they differ in size."""


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
        differ = plan.padded.std() > 0.2 * plan.padded.mean()
        wish = min(DIFFERENT if differ else ALIKE, int(DEAREST / max(seconds, 1e-6)))
        count = max(count, FEWEST if differ else 1, wish)
    return representative(plan, min(count, len(plan.batches)))
