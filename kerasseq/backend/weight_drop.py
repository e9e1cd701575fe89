"""Weight drop: of the recurrent weights some are zero for a batch, at every step the same (Merity et al., 2018).

It is DropConnect (Wan et al., 2013) on the matrix between a state and the next. The matrix is drawn once, before the
first step, so kernels that know nothing of dropout run as they are.
"""

# U units, G gates

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

__all__ = ["dropped", "recurrent_kernel"]


def recurrent_kernel(layer: Any, training: bool) -> Any:
    """The tensor `(U, G U)` between a state and the next, newly drawn in training where the layer drops some."""
    cell = layer.cell
    rate: float = vars(layer).get("weight_drop", 0.0)
    if not (training and rate):
        return cell.recurrent_kernel.value
    return keras.random.dropout(cell.recurrent_kernel.value, rate, seed=cell.seed_generator)


@contextmanager
def dropped(layer: Any, training: bool) -> Iterator[None]:
    """The cell computes with what `recurrent_kernel` draws, once for all of its steps."""
    if not (training and vars(layer).get("weight_drop")):
        yield
        return
    own = vars(layer.cell)
    variable, drawn = own["recurrent_kernel"], recurrent_kernel(layer, training)
    own["recurrent_kernel"] = drawn  # beside Keras's setattr, which would track it
    try:
        yield
    finally:
        own["recurrent_kernel"] = variable
