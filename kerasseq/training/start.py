"""What a model starts with in place of drawn weights; kept in its run, which then needs no other."""

# V vocabulary, D features, G gates of all units

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from kerasseq.errors import RunError
from kerasseq.training.checkpoint import read_checkpoint, write_checkpoint

__all__ = ["Start"]

FILE = "start.npz"
"""Beside the checkpoints."""

SETTINGS = {"embedding": "embedding.from", "encoder": "encoder.from", "backward": "encoder.from_backward"}
"""Which setting names where the weights of a part come from."""


@dataclass(frozen=True)
class Start:
    """What some layers of a model start with; kept in the run, which needs the other runs no more.

    Attributes:
        sources: Setting -> the run that it named, and the SHA-256 of its model.
        weights: `"embedding/embedding"`, `"encoder/lstm_1"` or `"backward/lstm_1"` -> the weights of a layer.
    """

    sources: Mapping[str, Mapping[str, str]]
    weights: Mapping[str, Sequence[NDArray[Any]]]

    def give(self, model: Any) -> None:
        """Lay the weights over those of `model`.

        Raises:
            RunError: A layer has no place for them.
        """
        layers = {layer.name: layer for layer in model.layers}
        for key, weights in self.weights.items():
            part, name = key.split("/")
            layer = layers.get(name)
            if layer is None and f"bi{name}" in layers:
                both = layers[f"bi{name}"]
                layer = both.backward_layer if part == "backward" else both.forward_layer
            if layer is None:
                raise RunError(f"{SETTINGS[part]}: must be of layers that the model has, got {name}")
            half = part if f"bi{name}" in layers else ""
            _give(layer, weights, half, f"{SETTINGS[part]}: layer {name}")

    def save(self, checkpoints: Path) -> None:
        """Write `start.npz`."""
        checkpoints.mkdir(exist_ok=True)
        state = {"sources": self.sources, "layers": list(self.weights)}
        groups = {f"layer{place}": list(weights) for place, weights in enumerate(self.weights.values())}
        write_checkpoint(checkpoints / FILE, state, **groups)

    @classmethod
    def kept(cls, checkpoints: Path) -> Start | None:
        """What `save` wrote; None where it did not."""
        if not (checkpoints / FILE).exists():
            return None
        state, groups = read_checkpoint(checkpoints / FILE)
        weights = {name: groups[f"layer{place}"] for place, name in enumerate(state["layers"])}
        return cls(state["sources"], weights)


def _give(layer: Any, weights: Sequence[NDArray[Any]], half: str, where: str) -> None:
    """Set the weights of a layer.

    What the source did not read, such as the letters of a token behind its vector, keeps the weights that were drawn.
    Above the first layer in two directions the half that the source did not have has weights of 0: so both directions
    begin as the language models that they were.
    """
    mine = layer.get_weights()
    if isinstance(layer, keras.layers.RNN):
        kernel, given = np.array(mine[0]), weights[0]  # (D, G)
        rows, width = len(given), len(kernel)
        if half and not layer.name.endswith("_1") and width == 2 * rows:
            kernel[:] = 0
            kernel[slice(rows, None) if half == "backward" else slice(rows)] = given
        elif rows <= width and given.shape[1:] == kernel.shape[1:]:
            kernel[:rows] = given
        weights = [kernel, *weights[1:]]
    shapes = [[tuple(array.shape) for array in arrays] for arrays in (mine, weights)]
    if shapes[0] != shapes[1]:
        raise RunError(f"{where} must have weights of {shapes[0]}, got {shapes[1]}")
    layer.set_weights(list(weights))
