"""`subword`: the vector of a word is made of its own and of those of its n-grams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kerasseq.embeddings.settings import VectorSettings
from kerasseq.spec import Subwords

if TYPE_CHECKING:
    from kerasseq.embeddings.subword_lookup import SubwordLookup

__all__ = ["Subword"]


class Subword(VectorSettings):
    """Each word is the mean of its own vector and of the vectors of its n-grams (Bojanowski et al., 2017).

    An n-gram is a run of letters of the word with `<` before and `>` behind it: `<ca`, `cat`, `at>`. Those that stand
    in two words of training or more are listed by frequency, and looked up, never hashed: no two share a vector, and an
    exported file holds the same list. A word that training has not seen is made of its n-grams. The first 24 letters of
    a word are read.
    """

    dimension: Annotated[int, Field(ge=1, le=8192)] = 128
    """Numbers in a vector."""
    shortest: Annotated[int, Field(ge=1, le=12)] = 3
    """Letters of the shortest n-gram; the marks `<` and `>` count."""
    longest: Annotated[int, Field(ge=1, le=12)] = 6
    """Letters of the longest n-gram."""
    ngrams: Annotated[int, Field(ge=1, le=10_000_000)] = 20_000
    """Most n-grams, the most frequent ones of those in two training words or more."""
    initializer: Literal["uniform", "normal"] = "uniform"
    """How the vectors are drawn: uniform between -0.05 and 0.05, or normal with deviation 0.05."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """N-grams that end before they begin."""
        if self.longest < self.shortest:
            yield "longest", f"must be at least shortest = {self.shortest}, got {self.longest}"

    @property
    def subwords(self) -> Subwords:
        """How words are cut."""
        return Subwords(self.shortest, self.longest, self.ngrams)

    def build(self, vocabulary: Sequence[str]) -> SubwordLookup:
        """Return a `SubwordLookup` to be called without n-grams: what stands for a word is its own vector."""
        return self.build_subwords(vocabulary, 1)

    def build_subwords(self, vocabulary: Sequence[str], ngrams: int) -> SubwordLookup:
        """Return a `SubwordLookup`, `(B, T)` and `(B, T, K)` -> `(B, T, dimension)`."""
        import keras

        from kerasseq.embeddings.subword_lookup import SubwordLookup
        from kerasseq.layers.subword_sum import SubwordSum

        def draw() -> Any:
            if self.initializer == "uniform":
                return keras.initializers.RandomUniform(-0.05, 0.05)
            return keras.initializers.RandomNormal(0.0, 0.05)

        size = self.dimension
        words = keras.layers.Embedding(len(vocabulary), size, embeddings_initializer=draw(), name="embedding")
        parts = SubwordSum(ngrams, size, embeddings_initializer=draw(), name="subword_embedding")
        return SubwordLookup(words, parts, self.word_dropout, self.layer_norm, self.dropout)
