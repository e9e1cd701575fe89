"""`learned`: the table as it starts."""

import keras
import numpy as np
import pytest
from pydantic import ValidationError

from kerasseq.embeddings.learned import Learned

VOCABULARY = [f"w{i}" for i in range(200)]


def start(**settings: object) -> np.ndarray:
    keras.utils.set_random_seed(0)
    table: np.ndarray = Learned(name="learned", **settings).build(VOCABULARY).table.get_weights()[0]
    return table


@pytest.mark.parametrize("dimension", [1, 128])
def test_it_has_a_row_an_id_and_a_zero_row_for_padding(dimension: int) -> None:
    table = start(dimension=dimension)
    assert table.shape == (200, dimension)
    assert not table[0].any()
    assert table[1:].all()


def test_uniform_fills_its_range() -> None:
    table = start(initializer="uniform")[1:]
    assert 0.0499 < np.abs(table).max() <= 0.05
    np.testing.assert_allclose(table.std(), 0.1 / np.sqrt(12), rtol=0.02)


def test_normal_has_its_deviation_and_goes_beyond_the_uniform_range() -> None:
    table = start(initializer="normal")[1:]
    np.testing.assert_allclose([table.mean(), table.std()], [0, 0.05], rtol=0.02, atol=2e-3)
    assert np.abs(table).max() > 0.15


@pytest.mark.parametrize(
    ("key", "value"), [("dimension", 0), ("dropout", 1.0), ("word_dropout", -0.1), ("initializer", "zeros")]
)
def test_a_setting_outside_its_range_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key):
        Learned(name="learned", **{key: value})
