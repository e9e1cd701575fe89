"""How large a model is, and how large its recurrent part."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from kerasseq.model import parameters

__all__ = ["count"]

KERNELS = ("kernel", "recurrent_kernel")


def count(model: Any) -> dict[str, int]:
    """Count the numbers of a model.

    Args:
        model: A built Keras model.

    Returns:
        `trainable`; `all`, with those that training does not move, as the mean of a batch normalisation; `recurrent`,
        the weights of the recurrent layers with their biases, of a GRU in Keras's form both rows of them;
        `recurrent_kernels`, the same without biases: for equal sizes that of an LSTM is 4 times, of a GRU 3 times and
        of two directions twice that of a plain RNN.
    """
    layers = [layer for layer in model._flatten_layers(include_self=False) if isinstance(layer, keras.layers.RNN)]
    weights = {id(weight): weight for layer in layers for weight in layer.weights}.values()
    return {
        "trainable": parameters(model),
        "all": _size(model.weights),
        "recurrent": _size(weights),
        "recurrent_kernels": _size(weight for weight in weights if weight.name in KERNELS),
    }


def _size(weights: Any) -> int:
    return int(sum(np.prod(weight.shape) for weight in weights))
