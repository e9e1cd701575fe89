"""Recurrent layers on top of each other: dropout, normalisation, residual connections between them."""

# B batch, T time, D features in, U features out

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

__all__ = ["Stack"]


class Stack:
    """A function of genuine Keras layers, so that a saved model opens in plain Keras.

    Args:
        layers: Recurrent layers that return sequences.
        dropout: Rate in [0, 1) on the output of each layer.
        normalisation: `"none"`, `"layer"` or `"batch"`.
        residual: Add a layer's input to its output where their sizes agree.

    Called as `stack(x, mask=mask)`: `(B, T, D)`, mask `(B, T)` bool -> `(B, T, U)`; every call shares the weights.
    """

    def __init__(self, layers: Sequence[Any], dropout: float, normalisation: str, residual: bool) -> None:
        self.layers = tuple(layers)
        self.residual = residual
        self.dropouts = tuple(
            keras.layers.Dropout(dropout, name=f"{layer.name}_dropout") if dropout else None for layer in layers
        )
        self.norms = tuple(_norm(normalisation, layer.name) for layer in layers)

    def __call__(self, x: Any, mask: Any = None) -> Any:
        for layer, norm, dropout in zip(self.layers, self.norms, self.dropouts, strict=True):
            y = layer(x, mask=mask)  # (B, T, U)
            if self.residual and x.shape[-1] == y.shape[-1]:
                y = keras.layers.add([x, y])
            if isinstance(norm, keras.layers.BatchNormalization):
                y = norm(y, mask=mask)
            elif norm is not None:
                y = norm(y)
            x = y if dropout is None else dropout(y)
        return x


def _norm(normalisation: str, name: str) -> Any:
    if normalisation == "layer":
        return keras.layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm")
    if normalisation == "batch":
        return keras.layers.BatchNormalization(name=f"{name}_norm")
    return None
