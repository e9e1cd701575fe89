"""`pretrained`: GloVe, word2vec, fastText or your own vectors, frozen or tuned."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from kerasseq.embeddings.kept import KeptVectors, table_lookup
from kerasseq.embeddings.settings import VectorSettings
from kerasseq.spec import InputPath

if TYPE_CHECKING:
    from kerasseq.embeddings.lookup import Lookup

__all__ = ["Pretrained"]

logger = logging.getLogger("kerasseq.embeddings")


class Pretrained(VectorSettings):
    """Vectors from a file, as many numbers each as the file has.

    A word of the vocabulary that the file does not hold gets a vector drawn like the found ones: normal, with their
    mean and deviation in each dimension. How many words were found is logged by `kerasseq.embeddings`. The vector of
    padding is zero and stays zero.
    """

    path: InputPath
    """File of vectors, plain or .gz."""
    format: Literal["auto", "glove", "word2vec", "fasttext", "word2vec_bin", "fasttext_bin", "npz"] = "auto"
    """`glove`: a word and its numbers a line. `word2vec`, `fasttext`: the same below a line with the number of words
    and of dimensions. `word2vec_bin`: word2vec's binary file. `fasttext_bin`: a model of fastText, which makes a word
    that it does not know of its n-grams. `npz`: NumPy arrays `words` (strings) and `vectors`.
    `auto` goes by the suffix (.npz, .bin, anything else is text) and, for a text, by its first line."""
    trainable: bool = True
    """Tune the vectors with the model; false keeps them as they are."""
    lowercase_fallback: bool = False
    """Look a word that is absent as written up in lower case."""
    file_words: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """The first words of the file, which begins with the most frequent ones in most, that join the vocabulary beside
    those of the training rows: a word that no training row has then has a vector too. Each makes the model larger by
    one vector."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the vectors drawn for words that the file does not hold."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """A missing file."""
        if not Path(self.path).is_file():
            yield "path", f"must be a file of vectors, got {self.path or 'an empty path'}"

    @property
    def has_extra_words(self) -> bool:
        """Where `file_words` asks for them."""
        return self.file_words > 0

    def extra_words(self) -> Sequence[str]:
        """The first `file_words` words of the file.

        Raises:
            DataError: The file is not what `format` says, or a vector in it is wrong.
        """
        from kerasseq.embeddings.vectors import first_words

        return first_words(self.path, self.file_words, self.format) if self.has_extra_words else ()

    def build(self, vocabulary: Sequence[str]) -> Lookup:
        """Return a `Lookup` of genuine Keras layers, `(B, T)` -> `(B, T, D)`, D as in the file.

        Raises:
            DataError: The file is not what `format` says, a vector in it is wrong, or it holds no word of the
                vocabulary.
        """
        from kerasseq.embeddings.vectors import table_for

        table, coverage = table_for(vocabulary, self.path, self.format, self.lowercase_fallback, self.seed)
        level = logging.INFO if coverage.share >= 0.5 else logging.WARNING
        logger.log(level, "%s: %s", self.path, coverage)
        return table_lookup(table, self, self.trainable)

    @property
    def file_widths(self) -> int:
        """That of the file."""
        return 1

    def without_files(self, widths: Sequence[int]) -> KeptVectors:
        """The same with vectors of zeros."""
        return KeptVectors.of(self, self.trainable, widths[0])
