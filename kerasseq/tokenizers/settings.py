"""The settings that tokenizers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from kerasseq.patterns import parse
from kerasseq.spec import TokenizerSpec

if TYPE_CHECKING:
    from kerasseq.spec import Graph
    from kerasseq.tokenizers.pattern import PatternTokenizer

__all__ = ["LookupSettings", "TokenizerSettings"]


class TokenizerSettings(TokenizerSpec):
    """What every built-in tokenizer can be told."""

    max_length: int = Field(default=64, ge=1, le=100_000)
    """Most tokens a text keeps; of a pair, both texts and their separator together."""
    truncation: Literal["head", "tail", "both"] = "head"
    """What stays of a longer text: its `head`, its `tail`, or `both` (the first quarter from the head, the rest from
    the tail)."""


class LookupSettings(TokenizerSettings):
    """What the tokenizers that look tokens up can be told."""

    looks_up: ClassVar[bool] = True

    min_frequency: int = Field(default=2, ge=1, le=1_000_000)
    """Tokens seen less often in training are unknown. At 1 no training token is, and the unknown token's vector, which
    new texts need, is never trained."""
    vocabulary_size: int = Field(default=20_000, ge=4, le=10_000_000)
    """Most entries of the vocabulary, padding, unknown and separator included; the rarest tokens go first."""

    @property
    def ambiguous(self) -> str:
        """A pattern that matches in every text in which the leftmost match that is tried first may not be the longest.

        Empty where that may be any text.
        """
        return ""

    def to_onnx(self, built: PatternTokenizer, graph: Graph, *inputs: str) -> Any:
        """Cut with the pattern, look up: a piece that is empty stands behind the end of its text."""
        pieces = self.pieces_to_onnx(built, graph, inputs[0])
        return graph.strings.ids(pieces, built.vocabulary)

    def pieces_to_onnx(self, built: PatternTokenizer, graph: Graph, text: str) -> Any:
        """Cut with the pattern."""
        return graph.strings.cut(text, built.pattern, parse(self.ambiguous) if self.ambiguous else None)
