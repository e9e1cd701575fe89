"""`[encoder] name = "gpt2"`: the sizes of a GPT-2, or where its weights are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from kerasseq.plugin import DataError, EncoderSpec, InputPath

__all__ = ["Gpt2", "Network"]

SIZES = {"layers": 12, "heads": 12, "units": 768, "context": 1024}
"""GPT-2 small: 124 million weights."""


class Gpt2(EncoderSpec):
    """A causal transformer (Radford et al., 2019, "Language models are unsupervised multitask learners").

    It reads ids and writes the next one, table and head included, so that it stands in `task.name = "gpt2"` alone.
    """

    own_task: ClassVar[str] = "gpt2"
    name: str = "gpt2"
    """The component."""
    preset: str = ""
    """A preset of keras-hub, by its name (`gpt2_base_en`, which is downloaded once) or the folder that it was saved
    in; empty for none."""
    weights: InputPath = ""
    """Weights in the form of the Hugging Face Hub: a `.safetensors`, or a folder with `model.safetensors` and
    `config.json`; empty for none."""
    layers: Annotated[int, Field(ge=0, le=100)] = 0
    """Layers; 0 for as many as the preset or the weights have, and 12 of a new network."""
    heads: Annotated[int, Field(ge=0, le=100)] = 0
    """Heads of each layer; 0 for theirs, and 12."""
    units: Annotated[int, Field(ge=0, le=8192)] = 0
    """Width of a step; 0 for theirs, and 768."""
    context: Annotated[int, Field(ge=0, le=1 << 16)] = 0
    """Most tokens that are read; 0 for theirs, and 1024."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Dropout behind the embedding, in the attention and behind every block, in [0, 1)."""
    lora_rank: Annotated[int, Field(ge=0, le=256)] = 0
    """Train matrices of this rank beside those of queries and values, and the biases of these, and nothing else (Hu et
    al., 2022); 0 trains every weight."""
    rematerialise: bool = False
    """Keep of every layer what goes in, and compute the rest anew for the gradient (Chen et al., 2016): a third more
    time for a fraction of the memory, which is also called gradient checkpointing."""

    @model_validator(mode="after")
    def _sizes(self) -> Gpt2:
        if self.preset and self.weights:
            raise ValueError("at most one of preset and weights can be given")
        given = [name for name in SIZES if getattr(self, name)]
        if given and (self.preset or self.weights):
            raise ValueError(f"{given[0]} must be 0, for the weights say it, got {getattr(self, given[0])}")
        heads, units = self.heads or SIZES["heads"], self.units or SIZES["units"]
        if units % heads:
            raise ValueError(f"heads must divide units = {units}, got {heads}")
        return self

    def problems(self) -> Iterator[tuple[str, str]]:
        """Weights that are not there."""
        path = Path(self.weights)
        if self.weights and not (path / "model.safetensors" if path.is_dir() else path).is_file():
            yield "weights", f"must be a .safetensors or a folder with model.safetensors, got {self.weights}"

    def build_carried(self) -> Network:
        """What the task makes its model of."""
        return Network(self)


@dataclass(frozen=True)
class Network:
    """A GPT-2 that is not built yet, for its vocabulary is the task's."""

    spec: Gpt2

    def layer(self, vocabulary: int) -> Any:
        """The layer, with the weights that it starts from.

        Args:
            vocabulary: Tokens, kerasseq's specials included.

        Raises:
            DataError: The weights are of another vocabulary, or damaged.
        """
        from kerasseq_gpt2.layer import GPT2
        from kerasseq_gpt2.weights import assign

        arrays, sizes = self._given()
        if arrays is not None and len(arrays["wte.weight"]) + 2 != vocabulary:
            got = f"{len(arrays['wte.weight']):,} against {vocabulary - 2:,}"
            raise DataError(f"encoder: must have the tokens of [tokenizer], got {got}; take both from one place")
        spec = self.spec
        built = GPT2(vocabulary, **sizes, dropout=spec.dropout, rematerialise=spec.rematerialise, name="gpt2")
        if arrays is not None:
            assign(built.backbone, arrays)
        if spec.lora_rank:
            built.low_rank(spec.lora_rank)
        return built

    def _given(self) -> tuple[Any, dict[str, int]]:
        """Weights, or None, and sizes."""
        spec = self.spec
        if spec.preset:
            from kerasseq_gpt2.presets import opened
            from kerasseq_gpt2.weights import arrays_of

            backbone = opened("GPT2Backbone", spec.preset)
            sizes = (backbone.num_layers, backbone.num_heads, backbone.hidden_dim, backbone.max_sequence_length)
            return arrays_of(backbone), dict(zip(SIZES, sizes, strict=True))
        if spec.weights:
            from kerasseq_gpt2.weights import read

            arrays, found = read(spec.weights)
            return arrays, {name: getattr(found, name) for name in SIZES}
        return None, {name: getattr(spec, name) or size for name, size in SIZES.items()}
