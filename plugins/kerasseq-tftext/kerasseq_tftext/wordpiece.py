"""`wordpiece`: pieces of words, learned from the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from kerasseq.plugin import TokenizerSettings

if TYPE_CHECKING:
    from kerasseq_tftext.wordpiece_tokenizer import WordpieceTokenizer

__all__ = ["Wordpiece"]


class Wordpiece(TokenizerSettings):
    """Pieces of words (Schuster & Nakajima, 2012; BERT): the longest piece of the vocabulary that fits, from the left.

    A word is a run of letters, marks, digits and underscores; every other character that is no white space is a word
    of its own. A piece inside a word is written `##ing`. A word that cannot be written in pieces is unknown.
    """

    name: str = "wordpiece"
    min_frequency: int = Field(default=2, ge=1, le=1_000_000)
    """Pieces seen less often in training are not learned, single characters excepted."""
    vocabulary_size: int = Field(default=8_000, ge=4, le=1_000_000)
    """Most entries of the vocabulary, padding, unknown and separator included. Single characters come first."""

    def build(self) -> WordpieceTokenizer:
        """Return an untrained tokenizer."""
        from kerasseq_tftext.wordpiece_tokenizer import WordpieceTokenizer

        return WordpieceTokenizer(self.max_length, self.truncation, self.min_frequency, self.vocabulary_size)
