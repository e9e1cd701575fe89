"""`sentencepiece`: pieces of running text, learned from the texts or given as a model."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from kerasseq.plugin import InputPath, TokenizerSettings

if TYPE_CHECKING:
    from kerasseq_tftext.sentencepiece_tokenizer import SentencepieceTokenizer

__all__ = ["NEEDED", "Sentencepiece"]

NEEDED = "needs the package sentencepiece; pip install './plugins/kerasseq-tftext[sentencepiece]', or name a model"


class Sentencepiece(TokenizerSettings):
    """Pieces of running text, white space included (Kudo & Richardson, 2018), as sentencepiece cuts them.

    Without `model` the pieces are learned from the training texts, by the package sentencepiece, an extra:
    `pip install "./plugins/kerasseq-tftext[sentencepiece]"`.
    A trained tokenizer, and a model that is given, need it no more.
    sentencepiece normalises texts itself, much as NFKC does.
    """

    name: str = "sentencepiece"
    model: InputPath = ""
    """A model file of sentencepiece, `*.model`, to use as it is; empty: learn one."""
    algorithm: Literal["unigram", "bpe"] = "unigram"
    """How pieces are learned: `unigram` (Kudo, 2018) or `bpe` (Sennrich et al., 2016)."""
    vocabulary_size: int = Field(default=8_000, ge=8, le=1_000_000)
    """Most entries of the vocabulary that is learned, padding, unknown and separator included."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """A model that is not there, or nothing to learn one with."""
        if self.model and not Path(self.model).is_file():
            yield "model", f"must be a file, got {self.model}"
        if not self.model and find_spec("sentencepiece") is None:
            yield "model", NEEDED

    def build(self) -> SentencepieceTokenizer:
        """Return an untrained tokenizer."""
        from kerasseq_tftext.sentencepiece_tokenizer import SentencepieceTokenizer

        return SentencepieceTokenizer(
            self.max_length, self.truncation, self.vocabulary_size, self.algorithm, self.model
        )
