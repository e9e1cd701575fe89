"""`[task] name = "gpt2"`: a language model whose network is GPT-2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from kerasseq.plugin import EmbeddingSpec, LanguageModel
from kerasseq_gpt2.encoder import SIZES, Gpt2
from kerasseq_gpt2.tokenizer import Bytes, Gpt2Vocabulary

if TYPE_CHECKING:
    from kerasseq.plugin import Example
    from kerasseq_gpt2.modeller import Gpt2Modeller

__all__ = ["Gpt2LanguageModel"]


class Gpt2LanguageModel(LanguageModel):
    """The next token at every step, by GPT-2: fine-tuned on texts, measured and written with as `language_model` is.

    Texts are read in pieces of `bptt` tokens; a piece does not see what stands before it.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"tokenizer", "encoder", "search"})
    forbids: ClassVar[frozenset[str]] = frozenset({"pooler", "embedding"})

    name: str = "gpt2"
    """The component."""
    dropout: Annotated[float, Field(ge=0, le=0)] = 0.0
    """0: GPT-2 has `encoder.dropout`."""

    def conflicts(self, sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What does not suit a language model, and parts that are not GPT-2's."""
        encoder, tokenizer = sections["encoder"], sections["tokenizer"]
        for key, message in super().conflicts({**sections, "embedding": EmbeddingSpec(name="gpt2")}):
            if not key.startswith("encoder."):
                yield key, message
        if not isinstance(encoder, Gpt2):
            yield "encoder.name", f'must be "gpt2" in this task, got "{encoder.name}"'
        elif not (encoder.preset or encoder.weights) and self.bptt > (encoder.context or SIZES["context"]):
            got = f"got {self.bptt}"
            yield "task.bptt", f"must be at most the {encoder.context or SIZES['context']} tokens of the context, {got}"
        if not isinstance(tokenizer, Gpt2Vocabulary):
            yield "tokenizer.name", f'must be "gpt2" in this task, got "{tokenizer.name}"'
        for exporter in sections["exporter"]:
            yield "exporter", f'must be none, for GPT-2 has no exported form, got "{exporter.name}"; set exporter = []'

    def modeller(self, pipeline: Any) -> Gpt2Modeller:
        """The task on a fitted pipeline."""
        from kerasseq_gpt2.modeller import Gpt2Modeller

        return Gpt2Modeller(self, pipeline)

    def example(self) -> Example:
        """The texts of any language model, read as bytes by a small network."""
        network = Gpt2(layers=1, heads=2, units=8, context=self.bptt, dropout=0.0)
        return replace(super().example(), sections={"encoder": network, "tokenizer": Bytes()})
