"""The tests of this plugin run on torch unless the environment names another backend."""

import os
from collections.abc import Callable
from typing import Any

import pytest

# Keras fixes its backend at the first import
os.environ.setdefault("KERAS_BACKEND", os.environ.get("KERASSEQ_BACKEND", "torch"))


@pytest.fixture(scope="session")
def gradients() -> Callable[..., list[Any]]:
    """`gradients(loss, layer, x)`: of `loss(x)` by `x`, then by each trainable weight of `layer`; NumPy arrays."""
    import keras

    return _torch_gradients if keras.backend.backend() == "torch" else _jax_gradients


def _torch_gradients(loss: Callable[[Any], Any], layer: Any, x: Any) -> list[Any]:
    import torch

    inputs = torch.tensor(x, requires_grad=True)
    variables = [v.value for v in layer.trainable_variables]
    return [g.numpy() for g in torch.autograd.grad(loss(inputs), [inputs, *variables])]


def _jax_gradients(loss: Callable[[Any], Any], layer: Any, x: Any) -> list[Any]:
    import jax
    import keras
    import numpy as np

    def stateless(x: Any, values: list[Any]) -> Any:
        with keras.StatelessScope(zip(layer.trainable_variables, values, strict=True)):
            return loss(x)

    by_x, by_values = jax.grad(stateless, argnums=(0, 1))(x, [v.value for v in layer.trainable_variables])
    return [np.asarray(g) for g in (by_x, *by_values)]
