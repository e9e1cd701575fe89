"""`attention`: the section of the TOML to the layer."""

import numpy as np
import pytest
from keras import ops
from pydantic import ValidationError

from kerasseq.poolers.attention import Attention


def test_it_gives_the_pooled_vector_and_its_weights() -> None:
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    mask = np.array([[True, True, True, False], [True, False, False, False]])
    pooled, weights = map(
        ops.convert_to_numpy, Attention(name="attention").build(1)(x, mask=ops.convert_to_tensor(mask))
    )
    np.testing.assert_allclose(pooled, np.einsum("btu,bt->bu", x, weights), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(weights[1], [1, 0, 0, 0])


@pytest.mark.parametrize("directions", [1, 2])
def test_units_is_the_size_of_the_scoring_layer(directions: int) -> None:
    layer = Attention(name="attention", units=11).build(directions)
    layer.build((None, None, 6))
    assert [tuple(v.shape) for v in layer.weights] == [(6, 11), (11,), (11, 1)]


@pytest.mark.parametrize("units", [0, 8193, 1.5, "128"])
def test_units_outside_its_range_is_refused(units: object) -> None:
    with pytest.raises(ValidationError, match="units"):
        Attention(name="attention", units=units)
