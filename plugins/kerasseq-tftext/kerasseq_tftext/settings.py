"""The settings of the tokenizers that look whole tokens up."""

from __future__ import annotations

from pydantic import Field

from kerasseq.plugin import TokenizerSettings

__all__ = ["LookupSettings"]


class LookupSettings(TokenizerSettings):
    """What the tokenizers that look whole tokens up can be told."""

    min_frequency: int = Field(default=2, ge=1, le=1_000_000)
    """Tokens seen less often in training are unknown."""
    vocabulary_size: int = Field(default=20_000, ge=4, le=10_000_000)
    """Most entries of the vocabulary, padding, unknown and separator included; the rarest tokens go first."""
