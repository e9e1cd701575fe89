"""What every embedding of ours can do besides looking up vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kerasseq.spec import EmbeddingSpec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VectorSettings"]

WIDTH = 24
"""Letters of a token that are read."""

Rate = Annotated[float, Field(ge=0, lt=1)]


class VectorSettings(EmbeddingSpec):
    """Settings that `learned` and `pretrained` share."""

    word_dropout: Rate = 0.0
    """Probability in [0, 1) that a word of a training text is replaced by the unknown one."""
    layer_norm: bool = False
    """Normalise each vector (Ba et al., 2016; epsilon 1e-5), so that all words have vectors of one length."""
    dropout: Rate = 0.0
    """Dropout on the single numbers of the vectors, in [0, 1)."""
    characters: Literal["none", "convolution", "recurrent"] = "none"
    """Read each token letter by letter, too, where tokens are given apart: by a `convolution` (Ma & Hovy, 2016) or a
    `recurrent` layer in both directions (Lample et al., 2016). The result stands behind the token's vector."""
    character_units: Annotated[int, Field(ge=2, le=1024, multiple_of=2)] = 50
    """Numbers that the letters of a token become."""
    character_dropout: Rate = 0.0
    """Dropout on the numbers of the letters' vectors, in [0, 1)."""

    @property
    def ties(self) -> bool:
        """Where tokens alone are read."""
        return self.characters == "none" and self.subwords is None

    @property
    def characters_width(self) -> int:
        """The first letters of a token, where they are read."""
        return 0 if self.characters == "none" else WIDTH

    def build_characters(self, alphabet: int) -> Callable[..., Any]:
        """Return a function of genuine Keras layers; see `EmbeddingSpec`."""
        from kerasseq.embeddings.characters import Characters

        if self.characters == "none":
            raise ValueError("characters must be convolution or recurrent, got none")
        return Characters(self.characters, alphabet, units=self.character_units, dropout=self.character_dropout)
