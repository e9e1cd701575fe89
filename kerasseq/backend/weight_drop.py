"""Weight drop: of the recurrent weights some are zero for a batch, at every step the same (Merity et al., 2018).

It is DropConnect (Wan et al., 2013) on the matrix between a state and the next. The matrix is drawn once, before the
first step, so kernels that know nothing of dropout run as they are. Layers stay `keras.layers.*`, and the saved file
does not change: nothing is dropped in a prediction.
"""

# U units, G gates

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

__all__ = ["drop_weights", "dropped", "recurrent_kernel"]


def drop_weights(layer: Any, rate: float) -> None:
    """Drop recurrent weights of a layer in training.

    Args:
        layer: `SimpleRNN`, `GRU` or `LSTM` of Keras, or a `Bidirectional` of them. Loading, cloning and copying it drop
            the binding.
        rate: Share of the weights, in [0, 1); what stays is divided by `1 - rate`.
    """
    if not rate:
        return
    halves = (layer.forward_layer, layer.backward_layer) if isinstance(layer, keras.layers.Bidirectional) else (layer,)
    for half in halves:
        half.weight_drop = rate
        half.inner_loop = functools.partial(_inner_loop, half)


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


def _inner_loop(layer: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
    """Stands in for `layer.inner_loop`, where no fused kernel does."""
    with dropped(layer, training):
        return type(layer).inner_loop(layer, sequences, initial_state, mask, training=training)
