"""A model without layers of kerasseq's own: each becomes the same equations in genuine Keras operations."""

# B batch, T time, U features of a step, A attention units

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasseq.layers import AttentionPooling, LastPooling, MaxPooling, MeanPooling, RangeSquash, SumPooling, WordDropout
from kerasseq.layers.masked import quiet

__all__ = ["imports", "plain"]

Tensor = Any
LOWEST = -3e38
"""Below every score, but finite: minus infinity gives NaN where nothing is valid."""


def plain(model: Any) -> Any:
    """The same functional model with the same weights in layers of its own, for use, not for training.

    A pooler becomes a small Keras model of its name; word dropout, which acts in training alone, goes. A layer that is
    neither of Keras nor of kerasseq is copied as it is.
    """
    copies: dict[int, tuple[Any, Any]] = {}
    equations: dict[int, Any] = {}

    def copied(layer: Any) -> Any:
        if not isinstance(layer, keras.Layer) or type(layer) in _EQUATIONS:
            return layer
        if id(layer) not in copies:
            copies[id(layer)] = layer, quiet(type(layer).from_config(layer.get_config()))
        return copies[id(layer)][1]

    def called(layer: Any, *arguments: Any, **options: Any) -> Any:
        if type(layer) not in _EQUATIONS:
            return layer(*arguments, **options)
        if type(layer) is WordDropout:
            return arguments[0]
        if id(layer) not in equations:
            equations[id(layer)] = _written_out(layer, arguments[0].shape)
        if type(layer) is RangeSquash:
            return equations[id(layer)](arguments[0])
        mask = options["mask"]
        # A selection carries no mask on, which the small model would warn of
        return equations[id(layer)]([ops.where(ops.expand_dims(mask, -1), arguments[0], 0.0), mask])

    copy = keras.models.clone_model(model, clone_function=copied, call_function=called)
    for old, new in copies.values():
        new.set_weights(old.get_weights())
    return copy


def imports(model: Any) -> tuple[str, ...]:
    """Modules of the layers and operations that are none of Keras's, which a program imports before it opens them."""
    found = {type(operation).__module__ for operation in model.operations}
    return tuple(sorted(module for module in found if module.partition(".")[0] != "keras"))


def _written_out(layer: Any, shape: tuple[int | None, ...]) -> Any:
    """A model of the layer's name, of `x` and, for a pooler, its mask `(B, T)`; `x` is zero at masked steps."""
    x = keras.Input(shape[1:], dtype="float32", name="x")
    if type(layer) is RangeSquash:
        return keras.Model(x, _squashed(layer, x), name=layer.name)
    mask = keras.Input(shape[1:2], dtype="bool", name="mask")
    return keras.Model([x, mask], _EQUATIONS[type(layer)](layer, x, mask), name=layer.name)


def _sum(layer: Any, x: Tensor, mask: Tensor) -> Tensor:
    return ops.sum(x, axis=1)


def _mean(layer: Any, x: Tensor, mask: Tensor) -> Tensor:
    count = ops.sum(ops.cast(mask, "float32"), axis=1, keepdims=True)  # (B, 1)
    return ops.sum(x, axis=1) / ops.maximum(count, 1.0)


def _max(layer: Any, x: Tensor, mask: Tensor) -> Tensor:
    largest = ops.amax(ops.where(ops.expand_dims(mask, -1), x, LOWEST), axis=1)
    return ops.where(ops.any(mask, axis=1, keepdims=True), largest, 0.0)


def _last(layer: Any, x: Tensor, mask: Tensor) -> Tensor:
    """The forward half at the last valid step, the backward half at the first: found by counting valid steps."""
    seen = ops.cumsum(ops.cast(mask, "int32"), axis=1)  # (B, T)
    last = ops.logical_and(mask, ops.equal(seen, ops.amax(seen, axis=1, keepdims=True)))
    if layer.directions == 1:
        return _at(x, last)
    half = x.shape[-1] // 2
    first = ops.logical_and(mask, ops.equal(seen, 1))
    return ops.concatenate([_at(x[..., :half], last), _at(x[..., half:], first)], axis=-1)


def _at(x: Tensor, step: Tensor) -> Tensor:
    """The vector of each row where `step` `(B, T)` is True; zeros where it is nowhere."""
    return ops.sum(ops.where(ops.expand_dims(step, -1), x, 0.0), axis=1)


def _attention(layer: Any, x: Tensor, mask: Tensor) -> list[Tensor]:
    """The pooled text and the weights `(B, T)`."""
    hidden = keras.layers.Dense(layer.units, activation="tanh", dtype="float32", name="hidden")
    score = keras.layers.Dense(1, use_bias=False, dtype="float32", name="score")
    scores = ops.squeeze(score(hidden(x)), axis=-1)  # (B, T)
    hidden.set_weights([ops.convert_to_numpy(w) for w in (layer.kernel, layer.bias)])
    score.set_weights([ops.convert_to_numpy(layer.context)])
    scores = ops.where(mask, scores, LOWEST)
    powers = ops.exp(scores - ops.amax(scores, axis=1, keepdims=True))
    powers = ops.where(mask, powers, 0.0)
    total = ops.sum(powers, axis=1, keepdims=True)  # (B, 1), at least 1 where a step is valid
    weights = powers / ops.where(total > 0, total, 1.0)
    return [ops.squeeze(ops.matmul(ops.expand_dims(weights, 1), x), axis=1), weights]


def _same(layer: Any, x: Tensor) -> Tensor:
    return x


def _squashed(layer: Any, x: Tensor) -> Tensor:
    return ops.clip(layer.low + (layer.high - layer.low) * ops.sigmoid(x), layer.lowest, layer.highest)


_EQUATIONS: dict[type, Callable[..., Any]] = {
    SumPooling: _sum,
    MeanPooling: _mean,
    MaxPooling: _max,
    LastPooling: _last,
    AttentionPooling: _attention,
    RangeSquash: _squashed,
    WordDropout: _same,
}
