"""Gradients of embedding tables that hold the rows of the batch alone, bound onto the genuine Keras layers."""

# V rows of a table, D numbers in each

from __future__ import annotations

import functools
from typing import Any

import keras
import torch

__all__ = ["bind_sparse"]


def bind_sparse(model: Any) -> list[str]:
    """Let every trainable `keras.layers.Embedding` of `model` give a sparse gradient; returns their names.

    The gradient of a table is then `(N, D)` for the N tokens of a batch and never `(V, D)`. The layers stay genuine
    and the saved file does not change; loading, cloning and copying drop the binding.
    """
    bound = []
    for layer in model._flatten_layers(include_self=False):
        if type(layer) is keras.layers.Embedding and layer.trainable and not layer.lora_enabled:
            layer.call = functools.partial(_call, layer)
            bound.append(layer.name)
    return bound


def _call(layer: Any, inputs: Any) -> Any:
    """Stands in for `layer.call`."""
    table = layer._embeddings._value  # in float32 under every policy: so is its gradient
    if inputs.device.type == "meta" or not table.requires_grad:
        return type(layer).call(layer, inputs)
    return torch.nn.functional.embedding(inputs.long(), table, sparse=True).to(getattr(torch, layer.compute_dtype))
