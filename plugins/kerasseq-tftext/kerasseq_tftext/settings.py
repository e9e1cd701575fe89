"""The settings that tokenizers share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kerasseq.spec import TokenizerSpec

__all__ = ["LookupSettings", "PieceSettings"]


class PieceSettings(TokenizerSpec):
    """What every tokenizer here can be told."""

    max_length: int = Field(default=64, ge=1, le=100_000)
    """Most tokens a text keeps; of a pair, both texts and their separator together."""
    truncation: Literal["head", "tail", "both"] = "head"
    """What stays of a longer text: its `head`, its `tail`, or `both` (the first quarter from the head, the rest from
    the tail)."""


class LookupSettings(PieceSettings):
    """What the tokenizers that look whole tokens up can be told."""

    min_frequency: int = Field(default=2, ge=1, le=1_000_000)
    """Tokens seen less often in training are unknown."""
    vocabulary_size: int = Field(default=20_000, ge=4, le=10_000_000)
    """Most entries of the vocabulary, padding, unknown and separator included; the rarest tokens go first."""
