"""Recurrent layers on top of each other: dropout, normalisation, residual connections between them."""

# B batch, T time, D features in, U features out

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        locked: Drop the same numbers at every step.

    Called as `stack(x, mask=mask)`: `(B, T, D)`, mask `(B, T)` bool -> `(B, T, U)`; every call shares the weights.

    Attributes:
        states: Names and widths of the states, where the layers give theirs back: `{"lstm_1_h": 128, "lstm_1_c": 128}`.
    """

    def __init__(
        self,
        layers: Sequence[Any],
        dropout: float,
        normalisation: str = "none",
        residual: bool = False,
        locked: bool = False,
    ) -> None:
        self.layers = tuple(layers)
        self.residual = residual
        shape = (None, 1, None) if locked else None
        self.dropouts = tuple(
            keras.layers.Dropout(dropout, noise_shape=shape, name=f"{layer.name}_dropout") if dropout else None
            for layer in layers
        )
        self.norms = tuple(_norm(normalisation, layer.name) for layer in layers)
        self.states = {name: layer.units for layer in layers for name in _states(layer)}

    def __call__(self, x: Any, mask: Any = None) -> Any:
        return self._read(x, mask, {})[0]

    def carried(self, x: Any, mask: Any, states: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The same from `states`, and the states behind each row's last valid step, `(B, U)` each, by their names."""
        return self._read(x, mask, states)

    def _read(self, x: Any, mask: Any, states: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        ended: dict[str, Any] = {}
        for layer, norm, dropout in zip(self.layers, self.norms, self.dropouts, strict=True):
            names = _states(layer)
            if names:
                y, *after = layer(x, mask=mask, initial_state=[states[name] for name in names])
                ended |= zip(names, after, strict=True)
            else:
                y = layer(x, mask=mask)  # (B, T, U)
            if self.residual and x.shape[-1] == y.shape[-1]:
                y = keras.layers.add([x, y])
            if isinstance(norm, keras.layers.BatchNormalization):
                y = norm(y, mask=mask)
            elif norm is not None:
                y = norm(y)
            x = y if dropout is None else dropout(y)
        return x, ended


def _states(layer: Any) -> list[str]:
    """Names of the states that a layer gives back."""
    if not getattr(layer, "return_state", False):
        return []
    return [f"{layer.name}_{state}" for state in ("hc" if isinstance(layer, keras.layers.LSTM) else "h")]


def _norm(normalisation: str, name: str) -> Any:
    if normalisation == "layer":
        return keras.layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm")
    if normalisation == "batch":
        return keras.layers.BatchNormalization(name=f"{name}_norm")
    return None
