"""Recurrent layers that are given `mask=`: what Keras 3.16 and later warn of, and is no fault here."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import keras

__all__ = ["quiet", "silent"]


def quiet(layer: Any) -> Any:
    """The layer; a recurrent one is told that it may be given `mask=`.

    It follows that mask in each Keras. From 3.16 on it does not pass an implicit one on, and Keras warns at each call
    with any mask that it would be lost: here every layer is given its own.
    """
    inner = (layer.forward_layer, layer.backward_layer) if isinstance(layer, keras.layers.Bidirectional) else ()
    for one in (layer, *inner):
        if isinstance(one, keras.layers.RNN | keras.layers.Bidirectional):
            one.supports_masking = True
    return layer


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Where Keras itself builds the layers, as when it opens a file."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not support masking", category=UserWarning)
        yield
