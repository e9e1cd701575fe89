"""The tokenizer of tokens that are given apart: nothing is cut, everything is looked up."""

from __future__ import annotations

from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.settings import LookupSettings

__all__ = ["BETWEEN", "Given"]

BETWEEN = "\n"
"""What stands between two tokens where a row of them is one text."""

PATTERN = "[^\n]+"


class Given(LookupSettings):
    """Tokens as the data has them, one id each, for tagging; a token may hold spaces, and no line end."""

    name: str = "given"
    max_length: int = 1000
    """Most tokens of a row. None is ever left out: a longer row is an error."""
    min_frequency: int = 2
    """Tokens seen less often in training are unknown."""

    def build(self) -> PatternTokenizer:
        """Return a tokenizer whose texts are tokens with line ends between."""
        return PatternTokenizer(
            "given",
            PATTERN,
            BETWEEN,
            max_length=self.max_length,
            truncation=self.truncation,
            min_frequency=self.min_frequency,
            vocabulary_size=self.vocabulary_size,
        )
