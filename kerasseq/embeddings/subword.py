"""`subword`: the vector of a word is made of its own and of those of its n-grams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kerasseq.embeddings.settings import VectorSettings
from kerasseq.errors import DataError
from kerasseq.spec import InputPath, Subwords

if TYPE_CHECKING:
    from kerasseq.embeddings.subword_lookup import SubwordLookup

__all__ = ["Subword"]

KNOWN = 2
"""Padding and the unknown token: the vectors of words where words have none of their own."""


class Subword(VectorSettings):
    """Each word is the mean of its own vector and of the vectors of its n-grams (Bojanowski et al., 2017).

    An n-gram is a run of letters of the word with `<` before and `>` behind it: `<ca`, `cat`, `at>`. Those that stand
    in two words of training or more are listed by frequency, and looked up, never hashed: no two share a vector, and an
    exported file holds the same list. A word that training has not seen is made of its n-grams. The first 24 letters of
    a word are read.
    """

    path: InputPath = ""
    """File that the vectors start from, empty for drawn ones: a model of fastText (.bin, maybe .gz), whose buckets give
    each listed n-gram its vector, or a text of n-grams as CharNGram has them (Hashimoto et al., 2017). Each word of the
    vocabulary starts as the file says, and a word that neither knows is the mean of its listed n-grams."""
    dimension: Annotated[int, Field(ge=1, le=8192)] = 128
    """Numbers in a vector; those of the file, where there is one."""
    shortest: Annotated[int, Field(ge=1, le=12)] = 3
    """Letters of the shortest n-gram; the marks `<` and `>` count. Those of the file, where there is one."""
    longest: Annotated[int, Field(ge=1, le=12)] = 6
    """Letters of the longest n-gram; those of the file, where there is one."""
    ngrams: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    """Most n-grams, the most frequent ones of those in two training words or more; with a file of those in one word or
    more, and behind them those of `file_words`."""
    words: bool = True
    """Whether each word of the vocabulary has a vector of its own, too; false leaves its n-grams alone to say what it
    is, as CharNGram does."""
    file_words: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """The first words of a model of fastText that join the vocabulary, and whose n-grams are listed: what a text of
    tomorrow may hold."""
    trainable: bool = True
    """Train the vectors with the model; false keeps them as they start."""
    initializer: Literal["uniform", "normal"] = "uniform"
    """How vectors without a file are drawn: uniform between -0.05 and 0.05, or normal with deviation 0.05."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """N-grams that end before they begin; a file that is missing, or of other n-grams."""
        if self.longest < self.shortest:
            yield "longest", f"must be at least shortest = {self.shortest}, got {self.longest}"
        if self.word_dropout and not self.words:
            yield "word_dropout", "must be 0 where words = false, for words have no vectors to drop"
        if self.file_words and not self.path:
            yield "file_words", "must be 0 without a path, there is no file whose words could join"
        if not self.path:
            if not self.words and not self.trainable:
                yield "trainable", "must be true without a path, for drawn vectors of n-grams say nothing"
        elif not Path(self.path).is_file():
            yield "path", f"must be a file of vectors, got {self.path}"
        else:
            yield from self._unlike()

    def _unlike(self) -> Iterator[tuple[str, str]]:
        """Settings that a model of fastText has otherwise."""
        from kerasseq.embeddings.fasttext_model import shape_of

        try:
            shape = shape_of(self.path)
        except DataError as error:
            yield "path", str(error)
            return
        if shape is None:
            if self.file_words:
                yield "file_words", "must be 0, for a file of n-grams has no words"
            return
        if not shape.buckets or shape.shortest < 2:
            sizes = f"{shape.shortest} to {shape.longest}" if shape.buckets else "no"
            yield "path", f"must be a model of n-grams of 2 letters or more, got one of {sizes} letters"
            return
        for key in ("dimension", "shortest", "longest"):
            found, wanted = getattr(self, key), getattr(shape, key)
            if found != wanted:
                yield key, f"must be {wanted}, as in {self.path}, got {found}"

    @property
    def subwords(self) -> Subwords:
        """How words are cut."""
        return Subwords(self.shortest, self.longest, self.ngrams, bool(self.path))

    @property
    def has_extra_words(self) -> bool:
        """Where `file_words` asks for them."""
        return self.file_words > 0

    def extra_words(self) -> Sequence[str]:
        """The first `file_words` words of the file.

        Raises:
            DataError: It is damaged.
        """
        from kerasseq.embeddings.vectors import first_words

        return first_words(self.path, self.file_words) if self.has_extra_words else ()

    def without_files(self, widths: Sequence[int]) -> Subword:
        """The same with drawn vectors."""
        return self.model_copy(update={"path": ""})

    def build(self, vocabulary: Sequence[str]) -> SubwordLookup:
        """Return a `SubwordLookup` to be called without n-grams: what stands for a word is its own vector."""
        return self.build_subwords(vocabulary, 1)

    def build_subwords(self, vocabulary: Sequence[str], ngrams: int) -> SubwordLookup:
        """Return a `SubwordLookup` of drawn vectors, `(B, T)` and `(B, T, K)` -> `(B, T, dimension)`."""
        import keras

        def draw() -> Any:
            if self.initializer == "uniform":
                return keras.initializers.RandomUniform(-0.05, 0.05)
            return keras.initializers.RandomNormal(0.0, 0.05)

        return self._lookup(len(vocabulary), ngrams, *({"embeddings_initializer": draw()} for _ in range(2)))

    def build_ngrams(self, vocabulary: Sequence[str], listed: Sequence[str]) -> SubwordLookup:
        """Return the same, started from the file where there is one.

        Raises:
            DataError: The file is damaged, holds no such n-gram, or vectors of another size.
        """
        if not self.path:
            return self.build_subwords(vocabulary, len(listed) + 1)
        from kerasseq.embeddings.subword_start import start

        tables = start(self.path, vocabulary, listed, self.subwords)
        if tables[1].shape[1] != self.dimension:
            raise DataError(f"{self.path}: must have vectors of {self.dimension} numbers, got {tables[1].shape[1]}")
        own = tables[0] if self.words else tables[0][:KNOWN]
        given = ({"embeddings_initializer": "zeros", "weights": table} for table in (own, tables[1]))
        return self._lookup(len(vocabulary), len(listed) + 1, *given)

    def _lookup(self, size: int, ngrams: int, own: dict[str, Any], parts: dict[str, Any]) -> SubwordLookup:
        import keras

        from kerasseq.embeddings.subword_lookup import SubwordLookup
        from kerasseq.layers.subword_sum import SubwordSum

        shared = {"trainable": self.trainable}
        rows = size if self.words else KNOWN
        table = keras.layers.Embedding(rows, self.dimension, name="embedding", **shared, **own)
        pieces = SubwordSum(ngrams, self.dimension, name="subword_embedding", **shared, **parts)
        return SubwordLookup(table, pieces, self.word_dropout, self.layer_norm, self.dropout, self.words)
