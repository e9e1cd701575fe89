"""`whitespace`: tokens are what stands between white space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasseq_tftext.settings import LookupSettings

if TYPE_CHECKING:
    from kerasseq_tftext.lookup import LookupTokenizer

__all__ = ["Whitespace"]


class Whitespace(LookupSettings):
    """Cut at white space, by tensorflow-text: the same tokens as kerasseq's own `whitespace`.

    The bare name `whitespace` is kerasseq's; write `kerasseq-tftext/whitespace` for this one.
    """

    name: str = "kerasseq-tftext/whitespace"

    def build(self) -> LookupTokenizer:
        """Return an untrained tokenizer."""
        from kerasseq_tftext.lookup import WhitespaceTokenizer

        return WhitespaceTokenizer(self.max_length, self.truncation, self.min_frequency, self.vocabulary_size)
