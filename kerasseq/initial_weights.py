"""Initial weights drawn in NumPy, so that every backend starts from the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from kerasseq.embeddings.lookup import clear_padding

__all__ = ["initialise"]


def initialise(model: Any, seed: int) -> None:
    """Draw the random weights of `model` in NumPy, so that every backend starts from the same numbers.

    Keras's initializers give other numbers on each backend for the same seed. A weight is drawn as its layer's
    `<name of the weight>_initializer` says. Weights that start constant (biases, scales) or given (pretrained vectors)
    are left alone.
    """
    random = np.random.default_rng(seed)
    for layer in model._flatten_layers(include_self=False):
        for variable in layer._trainable_variables:
            name = "recurrent" if variable.name == "recurrent_kernel" else variable.name
            draw = _DRAWS.get(type(getattr(layer, f"{name}_initializer", None)))
            if draw is not None:
                initializer = getattr(layer, f"{name}_initializer")
                variable.assign(draw(random, tuple(variable.shape), initializer).astype("float32"))
        if isinstance(layer, keras.layers.Embedding):
            clear_padding(layer)


def _scaled(random: np.random.Generator, shape: tuple[int, ...], initializer: Any) -> Any:
    """Variance scaling (Glorot & Bengio, 2010; He et al., 2015; LeCun et al., 1998)."""
    fan_in, fan_out = shape[0], shape[-1]
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[initializer.mode]
    variance = initializer.scale / max(fan, 1)
    if initializer.distribution == "uniform":
        limit = np.sqrt(3 * variance)
        return random.uniform(-limit, limit, shape)
    if initializer.distribution == "truncated_normal":
        return _truncated(random, shape) * np.sqrt(variance) / 0.87962566103423978
    return random.normal(0, np.sqrt(variance), shape)


def _truncated(random: np.random.Generator, shape: tuple[int, ...]) -> Any:
    drawn = random.normal(size=shape)
    while (far := np.abs(drawn) > 2).any():
        drawn[far] = random.normal(size=int(far.sum()))
    return drawn


def _orthogonal(random: np.random.Generator, shape: tuple[int, ...], initializer: Any) -> Any:
    """An orthogonal block per gate: `(H, G H)` holds G orthogonal `(H, H)` matrices (Saxe et al., 2014)."""
    rows, columns = int(np.prod(shape[:-1])), shape[-1]
    blocks: list[Any] = []
    for _ in range(0, columns, rows):
        q, r = np.linalg.qr(random.normal(size=(rows, rows)))
        blocks.append(q * np.sign(np.diag(r)))
    return initializer.gain * np.concatenate(blocks, axis=1)[:, :columns].reshape(shape)


def _uniform(random: np.random.Generator, shape: tuple[int, ...], initializer: Any) -> Any:
    return random.uniform(initializer.minval, initializer.maxval, shape)


def _normal(random: np.random.Generator, shape: tuple[int, ...], initializer: Any) -> Any:
    return random.normal(initializer.mean, initializer.stddev, shape)


def _truncated_normal(random: np.random.Generator, shape: tuple[int, ...], initializer: Any) -> Any:
    return initializer.mean + initializer.stddev * _truncated(random, shape)


_DRAWS: dict[Any, Callable[..., Any]] = {
    keras.initializers.RandomUniform: _uniform,
    keras.initializers.RandomNormal: _normal,
    keras.initializers.TruncatedNormal: _truncated_normal,
    keras.initializers.Orthogonal: _orthogonal,
} | dict.fromkeys(
    (
        keras.initializers.GlorotUniform,
        keras.initializers.GlorotNormal,
        keras.initializers.HeUniform,
        keras.initializers.HeNormal,
        keras.initializers.LecunNormal,
        keras.initializers.LecunUniform,
        keras.initializers.VarianceScaling,
    ),
    _scaled,
)
