"""`last`: the section of the TOML to the layer, behind the encoder that it asks for directions."""

import numpy as np
import pytest
from keras import ops

from kerasseq.encoders.recurrent import GRU
from kerasseq.poolers.last import Last

MASK = np.arange(6) < np.array([[6], [2], [1]])


@pytest.mark.parametrize("bidirectional", [False, True])
def test_it_is_the_state_that_each_direction_ends_with(bidirectional: bool) -> None:
    """Keras's own final state, `return_sequences=False`, run on each text alone and unpadded."""
    encoder = GRU(name="gru", units=4, layers=1, bidirectional=bidirectional, dropout=0.0)
    stack, x = encoder.build(), np.random.default_rng(0).normal(size=(3, 6, 5)).astype("float32")
    last = Last(name="last").build(encoder.directions)
    mask = ops.convert_to_tensor(MASK)
    got = ops.convert_to_numpy(last(stack(x, mask=mask), mask=mask))
    layer = stack.layers[0]
    cells = [layer.forward_layer, layer.backward_layer] if bidirectional else [layer]
    for cell in cells:
        cell.return_sequences = False
    for row, valid, pooled in zip(x, MASK, got, strict=True):
        states = [ops.convert_to_numpy(cell(row[valid][None]))[0] for cell in cells]
        np.testing.assert_allclose(pooled, np.concatenate(states), rtol=1e-5, atol=1e-6)


def test_the_common_slip_gives_another_vector() -> None:
    """Taking both halves at the last step: the backward half has then read one word."""
    x = np.random.default_rng(1).normal(size=(1, 6, 4)).astype("float32")
    both, single = (ops.convert_to_numpy(Last(name="last").build(n)(x)) for n in (2, 1))
    np.testing.assert_array_equal(single, x[:, -1])
    np.testing.assert_array_equal(both[:, 2:], x[:, 0, 2:])
    assert (both != single).any()
