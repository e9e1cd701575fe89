"""The whitespace tokenizer: tokens are what stands between white space."""

from __future__ import annotations

from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.settings import LookupSettings

__all__ = ["Whitespace"]


class Whitespace(LookupSettings):
    """Cut at white space only: punctuation stays glued to words. For texts that are tokenised already."""

    name: str = "whitespace"

    def build(self) -> PatternTokenizer:
        return PatternTokenizer(
            "whitespace",
            "[^{space}]+",
            max_length=self.max_length,
            truncation=self.truncation,
            min_frequency=self.min_frequency,
            vocabulary_size=self.vocabulary_size,
        )
