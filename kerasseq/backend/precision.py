"""Which type of numbers the layers of a model compute in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

__all__ = ["precision"]

_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Layers made inside compute in `name`, with weights in float32; what Keras had as its policy comes back after.

    A layer keeps its policy, in a saved model too. One that is made with a `dtype` of its own has that.

    Args:
        name: `"float32"` or `"bfloat16"`.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(_POLICIES[name])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
