"""Whether a component hands on its mask itself: Keras 3.16 does so no longer behind recurrent layers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest import mock

from kerasseq.spec import Spec
from kerasseq.testing.compare import same
from kerasseq.testing.network import build

__all__ = ["Said", "check_explicit", "masks"]

Said = Callable[[Any, Any], dict[str, Any]]
"""A model and what it is given to its outputs at valid steps, by name."""

LAYERS = ("RNN", "Bidirectional", "TimeDistributed")
"""Whose output carries the mask of their input up to Keras 3.15, and none from 3.16 on."""


def check_explicit(spec: Spec, model: Any, said: Said, tried: Iterable[Any]) -> None:
    """The model says the same whether those layers pass masks on or not.

    Args:
        spec: What the model is built from.
        model: Its weights are taken.
        said: What a model says.
        tried: What it is given, one after another; padding must show in it.

    Raises:
        CheckFailed: An output relies on an implicit mask.
    """
    import keras

    kinds = tuple(getattr(keras.layers, name) for name in LAYERS)
    if not any(isinstance(layer, kinds) for layer in model._flatten_layers()):
        return
    found = []
    for passed in (True, False):
        with masks(passed):
            twin = build(spec)
            twin.set_weights(model.get_weights())
            found.append([said(twin, values) for values in tried])
    for wanted, got in zip(*found, strict=True):
        for name in wanted:
            rule = (
                f"the {name} relies on an implicit mask, which {', '.join(LAYERS[:-1])} and {LAYERS[-1]} pass on no "
                "longer from Keras 3.16 on; give mask=mask to every layer that shall skip padding"
            )
            same(rule, wanted[name], got[name])


@contextlib.contextmanager
def masks(passed: bool) -> Iterator[None]:
    """Let those layers pass masks on, as up to Keras 3.15, or not, whatever Keras is installed."""
    import keras

    from kerasseq.layers.masked import silent

    def keep(layer: Any, value: bool) -> None:
        keras.layers.Layer.supports_masking.fset(layer, value)

    with contextlib.ExitStack() as stack:
        stack.enter_context(silent())
        for name in LAYERS:
            said = property(lambda layer: passed, keep)
            stack.enter_context(mock.patch.object(getattr(keras.layers, name), "supports_masking", said))
        yield
