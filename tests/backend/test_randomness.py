"""Random state outside a model's variables."""

import keras
import numpy as np
import pytest

from kerasseq.backend.randomness import random_state, restore_random_state


def drawn() -> list[float]:
    """What an unseeded dropout draws."""
    dropped = keras.random.dropout(keras.ops.ones((32,)), 0.5, seed=SEED)
    return [float(x) for x in keras.ops.convert_to_numpy(dropped)]


SEED = keras.random.SeedGenerator()


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="only torch draws outside the model's variables")
def test_a_restored_state_draws_the_same_again() -> None:
    state = random_state()
    first = drawn()
    assert drawn() != first
    restore_random_state(state)
    assert drawn() == first


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="torch has a state of its own")
def test_without_a_state_of_its_own_there_is_nothing_to_keep() -> None:
    assert random_state() == []
    restore_random_state([np.zeros(3, dtype=np.uint8)])
