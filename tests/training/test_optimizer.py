"""The optimizer of the settings."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from kerasseq.config.settings import TrainingSettings
from kerasseq.training.optimizer import make_optimizer, set_learning_rate

NAMES = ("adamw", "adam", "sgd", "rmsprop")


def step(optimizer: Any, model: Any, gradient: float = 0.0) -> None:
    optimizer.build(model.trainable_variables)
    gradients = [ops.full(v.shape, gradient) for v in model.trainable_variables]
    if keras.backend.backend() == "torch":
        optimizer.apply(gradients, model.trainable_variables)
        return
    before = [v.value for v in model.trainable_variables], [v.value for v in optimizer.variables]
    after = optimizer.stateless_apply(before[1], gradients, before[0])[0]
    for variable, value in zip(model.trainable_variables, after, strict=True):
        variable.assign(value)


def model() -> Any:
    made = keras.Sequential(
        [
            keras.Input((3,), dtype="int32"),
            layers.Embedding(4, 2, name="table"),
            layers.SimpleRNN(2, return_sequences=True, name="rnn"),
            layers.LayerNormalization(name="layer"),
            layers.BatchNormalization(name="batch"),
            layers.Flatten(),
            layers.Dense(2, name="head"),
        ]
    )
    for variable in made.trainable_variables:
        variable.assign(np.ones(variable.shape))
    return made


@pytest.mark.parametrize("name", NAMES)
def test_decay_takes_kernels_and_embeddings_and_spares_biases_and_scales(name: str) -> None:
    made = model()
    optimizer = make_optimizer(TrainingSettings(optimizer=name, learning_rate=0.1, weight_decay=0.5))
    step(optimizer, made)
    for variable in made.trainable_variables:
        spared = variable.name in ("bias", "gamma", "beta")
        expected = 1.0 if spared else 1 - 0.1 * 0.5
        np.testing.assert_allclose(ops.convert_to_numpy(variable.value), expected, rtol=1e-6, err_msg=variable.path)
    assert {v.name for v in made.trainable_variables} >= {"embeddings", "kernel", "recurrent_kernel", "gamma", "beta"}


@pytest.mark.parametrize("name", NAMES)
def test_without_decay_a_step_without_gradient_changes_nothing(name: str) -> None:
    made = model()
    step(make_optimizer(TrainingSettings(optimizer=name, weight_decay=0.0)), made)
    for variable in made.trainable_variables:
        np.testing.assert_array_equal(ops.convert_to_numpy(variable.value), 1)


def test_the_name_chooses_keras_own_optimizer() -> None:
    found = [type(make_optimizer(TrainingSettings(optimizer=name))).__name__.lower() for name in NAMES]
    assert found == list(NAMES)
    for name in ("sgd", "rmsprop"):
        assert make_optimizer(TrainingSettings(optimizer=name, momentum=0.9)).momentum == 0.9


def test_the_learning_rate_can_be_set() -> None:
    optimizer = make_optimizer(TrainingSettings(learning_rate=0.25))
    assert float(ops.convert_to_numpy(optimizer.learning_rate)) == 0.25
    set_learning_rate(optimizer, 0.125)
    assert float(ops.convert_to_numpy(optimizer.learning_rate)) == 0.125
