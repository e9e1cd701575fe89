"""Decoders that each break one rule."""

from kerasseq.spec import DecoderSpec


class Writes(DecoderSpec):
    """Builds the layer that is named like the class."""

    def build(self, directions):
        import wrong_decoder_layers

        return getattr(wrong_decoder_layers, f"{type(self).__name__}Layer")("gru", 6, name="decoder")


class BeginsWell(Writes):
    """Breaks nothing."""


class StepsElsewhere(Writes):
    """A step answers something else than all at once."""
