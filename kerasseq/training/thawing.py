"""Which layers learn in an epoch, and how fast: gradual unfreezing and discriminative rates.

Howard & Ruder (2018), "Universal Language Model Fine-tuning for Text Classification".
"""

from __future__ import annotations

from typing import Any

import keras

from kerasseq.backend.functional import calls

__all__ = ["Thawing", "depths"]


class Thawing:
    """Factors on the learning rate of each trainable weight.

    Args:
        model: A functional Keras model.
        unfreezing: Epochs after which one more layer learns, from the top; 0 lets all learn.
        layer_decay: Rate of a layer against that of the one above it, in (0, 1].
    """

    def __init__(self, model: Any, unfreezing: int, layer_decay: float) -> None:
        self.unfreezing = unfreezing
        self.layer_decay = layer_decay
        self.depths = depths(model) if self.asked else {}
        self.deepest = max(self.depths.values(), default=0)

    @property
    def asked(self) -> bool:
        """Whether any factor is not 1."""
        return self.unfreezing > 0 or self.layer_decay != 1

    def whole(self, epoch: int) -> bool:
        """Whether every layer learns in an epoch, 0-based."""
        return not self.unfreezing or epoch // self.unfreezing >= self.deepest

    def factors(self, epoch: int, variables: Any) -> list[float]:
        """Of each of the model's `variables`; 0 for those of a layer that rests."""
        awake = self.deepest if self.whole(epoch) else epoch // self.unfreezing
        below = [self.depths.get(id(variable), 0) for variable in variables]
        return [self.layer_decay**depth if depth <= awake else 0.0 for depth in below]


def depths(model: Any) -> dict[int, int]:
    """How many layers of the encoder stand above each weight, by its `id`, and its own.

    0 is what stands above the encoder, 1 its last recurrent layer with its normalisation, and so on; what stands below
    the first, the embedding, is deepest. A model without recurrent layers has its embedding at 1.
    """
    layers = list(dict.fromkeys(node.operation for node in calls(model)))
    layers = [layer for layer in layers if isinstance(layer, keras.layers.Layer)]
    recurrent = [layer for layer in layers if _recurrent(layer) and not layer.name.startswith("composition_")]
    found: dict[int, int] = {}
    for place, layer in enumerate(layers):
        own = [n for n, one in enumerate(recurrent) if layer is one or layer.name.startswith(f"{one.name}_")]
        if own:
            depth = len(recurrent) - own[0]
        elif isinstance(layer, keras.layers.Embedding) or (recurrent and place < layers.index(recurrent[0])):
            depth = len(recurrent) + 1
        else:
            depth = 0
        found |= {id(variable): depth for variable in layer.trainable_variables}
    return found


def _recurrent(layer: Any) -> bool:
    return isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional)
