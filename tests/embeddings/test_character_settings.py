"""The settings build what they say."""

import keras
import pytest
from pydantic import ValidationError

from kerasseq.embeddings.character_settings import CharacterSettings


@pytest.mark.parametrize("kind", ["convolution", "recurrent"])
def test_the_settings_say_the_sizes(kind: str) -> None:
    settings = CharacterSettings(characters=kind, character_dimension=4, character_units=6, longest_word=9)
    read = settings.build_characters(alphabet=11)
    assert read is not None
    ids = keras.Input((None, settings.longest_word), dtype="int32")
    model = keras.Model(ids, read(ids))
    assert model.output.shape == (None, None, 6)
    assert tuple(model.get_layer("characters").embeddings.shape) == (11, 4)


def test_without_characters_nothing_is_built() -> None:
    assert CharacterSettings().build_characters(alphabet=11) is None


def test_halves_of_an_odd_number_are_refused() -> None:
    with pytest.raises(ValidationError, match='must be even where characters = "recurrent", got 5'):
        CharacterSettings(characters="recurrent", character_units=5)
    assert CharacterSettings(characters="convolution", character_units=5).character_units == 5
