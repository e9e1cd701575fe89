"""Word dropout: how often, on what, and when."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.layers import WordDropout

TOKENS = np.random.default_rng(0).integers(2, 50, (200, 100)).astype("int32")
TOKENS[:, 80:] = 0


def dropped(rate: float, training: bool) -> np.ndarray:
    keras.utils.set_random_seed(0)
    return ops.convert_to_numpy(WordDropout(rate)(ops.convert_to_tensor(TOKENS), training=training))


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_in_training_the_rate_of_words_becomes_unknown(rate: float) -> None:
    words = dropped(rate, training=True)[:, :80]
    changed = words != TOKENS[:, :80]
    assert (words[changed] == 1).all()
    assert abs(changed.mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / changed.size)


def test_padding_stays_padding() -> None:
    np.testing.assert_array_equal(dropped(0.9, training=True)[:, 80:], 0)


def test_outside_training_nothing_changes() -> None:
    np.testing.assert_array_equal(dropped(0.9, training=False), TOKENS)


def test_at_rate_zero_nothing_changes() -> None:
    np.testing.assert_array_equal(dropped(0.0, training=True), TOKENS)


def test_every_call_draws_anew_and_the_seed_repeats_it() -> None:
    keras.utils.set_random_seed(3)
    layer = WordDropout(0.5)
    first, second = (ops.convert_to_numpy(layer(TOKENS, training=True)) for _ in range(2))
    keras.utils.set_random_seed(3)
    again = ops.convert_to_numpy(WordDropout(0.5)(TOKENS, training=True))
    assert (first != second).any()
    np.testing.assert_array_equal(first, again)


def test_ids_stay_int32() -> None:
    assert keras.backend.standardize_dtype(WordDropout(0.5)(TOKENS, training=True).dtype) == "int32"
    assert WordDropout(0.5)(keras.Input((None,), dtype="int32")).dtype == "int32"


def test_a_saved_layer_keeps_its_rate(tmp_path: Path) -> None:
    inputs = keras.Input((None,), dtype="int32")
    model = keras.Model(inputs, WordDropout(0.25, name="word_dropout")(inputs))
    model.save(tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    assert opened.get_layer("word_dropout").rate == 0.25
    np.testing.assert_array_equal(ops.convert_to_numpy(opened(TOKENS)), TOKENS)


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_a_rate_outside_its_range_is_refused_with_its_value(rate: float) -> None:
    with pytest.raises(ValueError, match=rf"rate must be in \[0, 1\). Received: rate={rate}"):
        WordDropout(rate)
