"""The built task: the model, and what writes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

from kerasseq.plugin import DataError, LanguageModeller
from kerasseq_gpt2.stepper import Gpt2Stepper
from kerasseq_gpt2.weights import arrays_of

if TYPE_CHECKING:
    from kerasseq_gpt2.encoder import Network

__all__ = ["Gpt2Modeller"]


class Gpt2Modeller(LanguageModeller):
    """A language model without states: what is written goes on from the keys and values of what stands before."""

    def build_model(self, parts: Any) -> Any:
        """`log_probability` `(B, T)`.

        Raises:
            DataError: The weights are of another vocabulary, or read fewer tokens than `task.bptt`.
        """
        tokens, following = (keras.Input((None,), dtype="int32", name=name) for name in ("tokens", "next"))
        network: Network = parts.encoder
        layer = network.layer(len(self.pipeline.vocabulary))
        if self.spec.bptt > layer.context:
            raise DataError(
                f"task.bptt: must be at most the {layer.context} tokens of the context, got {self.spec.bptt}"
            )
        found = layer(tokens, following)
        return keras.Model([tokens, following], {"log_probability": found}, name="kerasseq")

    def stepper(self, model: Any) -> Gpt2Stepper:
        """The trained `model` a step at a time, with the keys and values of what was read."""
        backbone = model.get_layer("gpt2").backbone
        return Gpt2Stepper(arrays_of(backbone), backbone.num_layers, backbone.num_heads)

    @property
    def kind(self) -> str:
        """`GPT-2 of 50,259 tokens`."""
        return f"GPT-2 of {len(self.pipeline.vocabulary):,} tokens"
