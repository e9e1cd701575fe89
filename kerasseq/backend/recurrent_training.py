"""What recurrent layers do in training alone: weight drop, and a gradient that is cut.

Both are bound onto the instance, as the fused kernels are: layers stay `keras.layers.*` and the saved file as it is;
loading, cloning and copying drop the binding.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import keras

from kerasseq.backend.truncation import block_steps, in_blocks
from kerasseq.backend.weight_drop import dropped

__all__ = ["by_keras", "drop_weights", "recurrent_layers", "truncate"]


def drop_weights(layer: Any, rate: float) -> None:
    """Drop recurrent weights of a layer in training; see `weight_drop`.

    Args:
        layer: `SimpleRNN`, `GRU` or `LSTM` of Keras, or a `Bidirectional` of them.
        rate: Share of the weights, in [0, 1); what stays is divided by `1 - rate`.
    """
    if rate:
        for _, one in recurrent_layers(layer):
            one.weight_drop = rate
            _bind(one)


def truncate(model: Any, steps: int) -> int:
    """Cut the gradient of states every `steps` steps of a text in training; see `truncation`.

    Layers that give their last answer alone read words, not texts, and are left as they are.

    Args:
        model: A Keras model.
        steps: 1 or more.

    Returns:
        In how many layers.
    """
    found = [layer for _, layer in recurrent_layers(model) if layer.return_sequences]
    for layer in found:
        layer.bptt = steps
        _bind(layer)
    return len(found)


def recurrent_layers(layer: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each recurrent layer and the names that lead to it; Keras's own `path` leaves the wrapper out."""
    if isinstance(layer, keras.layers.LSTM | keras.layers.GRU | keras.layers.SimpleRNN):
        yield path or layer.name, layer
        return
    for child in layer._layers:
        yield from recurrent_layers(child, f"{path}/{child.name}" if path else child.name)


def by_keras(layer: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
    """What `layer.inner_loop` of Keras gives, the last answer, all, and states; dropped and cut in training.

    Where Keras walks step by step, on torch, a cut saves no memory: masks of dropout are drawn once and then forgotten.
    """
    loop = functools.partial(type(layer).inner_loop, layer, training=training)
    steps = block_steps(layer, sequences, training)
    with dropped(layer, training):
        if not steps:
            return loop(sequences, initial_state, mask)

        def run(x: Any, valid: Any, *states: Any) -> Any:
            _, outputs, ended = loop(x, list(states), valid)
            return (outputs, *ended)

        mask = mask[0] if isinstance(mask, list | tuple) else mask
        states = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
        outputs, ended = in_blocks(run, sequences, mask, states, steps, layer)
    return outputs[:, -1], outputs, ended


def _bind(layer: Any) -> None:
    """Unless a fused kernel is bound, which asks for itself."""
    if "inner_loop" not in vars(layer):
        layer.inner_loop = functools.partial(by_keras, layer)
