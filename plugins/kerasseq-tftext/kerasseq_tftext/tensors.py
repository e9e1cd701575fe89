"""TensorFlow without a word, and texts as its tensors."""

# N texts

from __future__ import annotations

import contextlib
import functools
import itertools
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

__all__ = ["batches", "tensor", "tensorflow", "texts", "utf8"]

BATCH = 1024
"""Texts that one call of an operator gets."""


@functools.cache
def tensorflow() -> tuple[Any, Any]:
    """The modules `tensorflow` and `tensorflow_text`.

    They print nothing, leave Keras on its backend, and graphics cards to that backend. Keras comes first: TensorFlow
    imports it, would become its backend where none is chosen, and torch's compiler ends the process when it is loaded
    in the middle of that.
    """
    os.environ.setdefault("KERAS_BACKEND", os.environ.get("KERASSEQ_BACKEND") or "torch")
    import keras  # noqa: F401, I001
    import tensorflow as tf
    import tensorflow_text as text

    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    if os.environ.get("KERAS_BACKEND") != "tensorflow":
        with contextlib.suppress(RuntimeError):  # TensorFlow already runs, and has what it has
            tf.config.set_visible_devices([], "GPU")
    return tf, text


def utf8(text: str) -> bytes:
    """A text as operators read it.

    NUL, at which they end, becomes U+0001, and half surrogates, which UTF-8 cannot hold, become `?`.
    """
    return text.replace("\0", "\x01").encode(errors="replace")


def tensor(values: Sequence[str]) -> Any:
    """Texts as a string tensor, `(N,)`, each as `utf8` writes it."""
    tf, _ = tensorflow()
    return tf.constant([utf8(value) for value in values], tf.string, shape=(len(values),))


def texts(values: Any) -> list[str]:
    """A string tensor `(N,)` as texts."""
    return [value.decode(errors="replace") for value in values.numpy().tolist()]


def batches(values: Iterable[str]) -> Iterator[list[str]]:
    """The texts, `BATCH` at a time."""
    left = iter(values)
    while part := list(itertools.islice(left, BATCH)):
        yield part
