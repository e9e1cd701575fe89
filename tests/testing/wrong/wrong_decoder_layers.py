"""The layers of those decoders."""

import keras

from kerasseq.layers.decoder import AttentiveDecoder


@keras.saving.register_keras_serializable(package="wrong")
class BeginsWellLayer(AttentiveDecoder):
    pass


@keras.saving.register_keras_serializable(package="wrong")
class StepsElsewhereLayer(AttentiveDecoder):
    def step(self, x, held, memory_mask, states):
        hidden, attention, states = super().step(x, held, memory_mask, states)
        return hidden + 0.1, attention, states
