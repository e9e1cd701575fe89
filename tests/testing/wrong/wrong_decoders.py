"""Decoders that each break one rule."""

import keras

from kerasseq.layers.decoder import AttentiveDecoder
from kerasseq.spec import DecoderSpec


class Writes(DecoderSpec):
    """Builds the layer that is named like the class."""

    def build(self, directions):
        return globals()[f"{type(self).__name__}Layer"]("gru", 6, name="decoder")


class BeginsWell(Writes):
    """Breaks nothing."""


@keras.saving.register_keras_serializable(package="wrong")
class BeginsWellLayer(AttentiveDecoder):
    pass


class StepsElsewhere(Writes):
    """A step answers something else than all at once."""


@keras.saving.register_keras_serializable(package="wrong")
class StepsElsewhereLayer(AttentiveDecoder):
    def step(self, x, held, memory_mask, states):
        hidden, attention, states = super().step(x, held, memory_mask, states)
        return hidden + 0.1, attention, states
