"""What an embedding can say of the characters of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from kerasseq.spec import Settings

if TYPE_CHECKING:
    from kerasseq.embeddings.characters import Characters

__all__ = ["CharacterSettings"]


class CharacterSettings(Settings):
    """Settings of an embedding that reads words letter by letter, too."""

    characters: Literal["none", "convolution", "recurrent"] = "none"
    """What reads the characters of each word, so that unknown words and endings say something: a `convolution` over
    three of them (Ma & Hovy, 2016), or an LSTM in both directions, `recurrent` (Lample et al., 2016)."""
    character_dimension: Annotated[int, Field(ge=1, le=1024)] = 30
    """Numbers in the vector of a character."""
    character_units: Annotated[int, Field(ge=1, le=4096)] = 50
    """Numbers that the characters add to the vector of a word; even for `recurrent`."""
    character_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Dropout on the single numbers of the character vectors, in [0, 1)."""
    longest_word: Annotated[int, Field(ge=2, le=1000)] = 20
    """Characters of a word that are read; of a longer one the middle is left out."""

    @model_validator(mode="after")
    def _even(self) -> CharacterSettings:
        if self.characters == "recurrent" and self.character_units % 2:
            raise ValueError(f'character_units must be even where characters = "recurrent", got {self.character_units}')
        return self

    def build_characters(self, alphabet: int) -> Characters | None:
        """A function of genuine Keras layers, `(B, T, longest_word)` ids -> `(B, T, character_units)`; None for none.

        Args:
            alphabet: How many ids there are, padding and unknown included.
        """
        if self.characters == "none":
            return None
        from kerasseq.embeddings.characters import Characters

        return Characters(
            self.characters, alphabet, self.character_dimension, self.character_units, self.character_dropout
        )
