"""The character tokenizer: every code point is a token, spaces too."""

from __future__ import annotations

from pydantic import Field

from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.settings import LookupSettings

__all__ = ["Character"]


class Character(LookupSettings):
    """One token a code point, spaces and line ends included: a small vocabulary, long sequences.

    For language models, names, and scripts without spaces between words.
    """

    name: str = "character"
    vocabulary_size: int = Field(default=2_000, ge=4, le=1_000_000)
    """Most entries of the vocabulary, padding, unknown and separator included; the rarest tokens go first."""

    def build(self) -> PatternTokenizer:
        return PatternTokenizer(
            "character",
            "{any}",
            joiner="",
            max_length=self.max_length,
            truncation=self.truncation,
            min_frequency=self.min_frequency,
            vocabulary_size=self.vocabulary_size,
        )
