"""What the matrix multiplications of a recurrent layer alone would take."""

# B batch, T time, D embedding, H units of a direction, g gates

from __future__ import annotations

import time

import torch

from kerasseq_bench.layers.card import arrived
from kerasseq_bench.layers.cells import GATES, Cell

__all__ = ["floor"]

SECONDS = 0.04
"""How long each of the two multiplications is repeated."""


def floor(cell: Cell, steps: float) -> float:
    """Seconds of a batch of texts of `steps` valid tokens in the mean, if nothing but the products took time.

    The input of all steps times the input weights, and once a step the state times the recurrent weights:
    `t[mm(B T x D, D x g H)] + T t[mm(B x H, H x g H)]` for each direction; training costs thrice that, for the gradient
    by the inputs and the gradient by the weights are as many products each.
    """
    columns = GATES[cell.layer] * cell.units
    whole = max(round(steps), 1)
    inputs = [cell.dimension, *[cell.units * cell.ways] * (cell.stack - 1)]
    at_once = sum(_seconds(cell.batch * whole, features, columns) for features in inputs) * steps / whole
    one_step = _seconds(cell.batch, cell.units, columns) * cell.stack
    return (at_once + steps * one_step) * cell.ways * (3 if cell.mode == "train" else 1)


def _seconds(rows: int, inner: int, columns: int) -> float:
    """Median seconds of one product."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    left, right = torch.rand(rows, inner, device=device), torch.rand(inner, columns, device=device)
    out = torch.empty(rows, columns, device=device)
    arrived()
    taken: list[float] = []
    start = time.perf_counter()
    while len(taken) < 3 or time.perf_counter() - start < SECONDS:
        before = time.perf_counter()
        torch.mm(left, right, out=out)
        arrived()
        taken.append(time.perf_counter() - before)
    return sorted(taken)[len(taken) // 2]
