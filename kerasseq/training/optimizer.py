"""The optimizer of the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from kerasseq.backend.beside import on_the_cpu
from kerasseq.config.settings import TrainingSettings

__all__ = ["make_optimizer", "set_learning_rate"]


def make_optimizer(settings: TrainingSettings) -> Any:
    """The Keras optimizer of the settings.

    Weight decay is decoupled on every one of them (Loshchilov & Hutter, 2019); biases and normalisation weights are
    spared. Clipping is the engine's, over all gradients of an update together.
    """
    decay = settings.weight_decay or None
    rate = settings.learning_rate
    kinds: dict[str, Callable[[], Any]] = {
        "adamw": lambda: keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay),
        "adam": lambda: keras.optimizers.Adam(rate, weight_decay=decay),
        "sgd": lambda: keras.optimizers.SGD(rate, momentum=settings.momentum, weight_decay=decay),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate, momentum=settings.momentum, weight_decay=decay),
    }
    with on_the_cpu():  # the number of updates and the learning rate are read before each update
        optimizer = kinds[settings.optimizer]()
    if decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def set_learning_rate(optimizer: Any, rate: float) -> None:
    """Set the learning rate of the next update."""
    with on_the_cpu():
        optimizer.learning_rate.assign(rate)
