"""What tasks share in building one `keras.Model`: inputs, masks passed explicitly, initial weights."""

# B batch, T time, F features of a pooled text

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasseq.errors import PluginError
from kerasseq.registry.components import Component

__all__ = ["Parts", "TextFeatures", "assemble", "check_masks", "initialise", "mask_fault", "parameters", "read_text"]


@dataclass(frozen=True)
class Parts:
    """The built parts of an experiment.

    Attributes:
        embedding: `(B, T)` ids -> `(B, T, D)`.
        encoder: `(B, T, D)` -> `(B, T, U)`.
        pooler: `(B, T, U)` -> `(B, F)`, or `(pooled, weights)` with weights `(B, T)`.
        combine: Read the two texts of a pair apart, by the same weights.
    """

    embedding: Callable[..., Any]
    encoder: Callable[..., Any]
    pooler: Callable[..., Any]
    combine: bool = False


@dataclass(frozen=True)
class TextFeatures:
    """What stands between the inputs and the head.

    Attributes:
        inputs: One or two `(B, T)` int32 inputs.
        features: `(B, F)`, of a combined pair `(B, 4 F)`.
        attention: Name of each output to a `(B, T)` tensor of weights; empty for a pooler without weights.
    """

    inputs: list[Any]
    features: Any
    attention: dict[str, Any]


def mask_fault(kind: str, part: Callable[..., Any]) -> str:
    """What is wrong with a built embedding, encoder or pooler that takes no mask, or nothing.

    Args:
        kind: `"pooler"`.
        part: What `build` of its Spec gave.
    """
    try:
        signature = inspect.signature(part.call if isinstance(part, keras.layers.Layer) else part)
    except (TypeError, ValueError):  # none that Python can read
        return ""
    try:
        signature.bind(None, mask=None)
    except TypeError:
        given = "tokens" if kind == "embedding" else "x"
        return f"what build returns must accept mask, as in {kind}({given}, mask=mask), it takes {signature}"
    return ""


def check_masks(parts: Parts, components: Mapping[str, Component]) -> None:
    """Raise a PluginError that names the component, of those that the parts were built by, that takes no mask."""
    for kind, part in (("embedding", parts.embedding), ("encoder", parts.encoder), ("pooler", parts.pooler)):
        fault = mask_fault(kind, part)
        if fault:
            said = components[kind].describe() if kind in components else f"the {kind}"
            raise PluginError(f"{said} is broken: {fault}")


def read_text(parts: Parts) -> TextFeatures:
    """Inputs, embedding, encoder and pooler, as symbolic tensors.

    A pair that is read apart becomes `[u, v, |u - v|, u * v]` (Mou et al., 2016; Conneau et al., 2017).
    """
    names = ("tokens", "tokens_2") if parts.combine else ("tokens",)
    inputs = [keras.Input((None,), dtype="int32", name=name) for name in names]
    pooled, attention = [], {}
    for name, tokens in zip(names, inputs, strict=True):
        mask = ops.not_equal(tokens, 0)  # (B, T)
        x = parts.embedding(tokens, mask=mask)
        x = parts.encoder(x, mask=mask)
        y = parts.pooler(x, mask=mask)
        if isinstance(y, tuple):
            y, weights = y
            attention[name.replace("tokens", "attention")] = weights
        pooled.append(y)
    if not parts.combine:
        return TextFeatures(inputs, pooled[0], attention)
    u, v = pooled
    features = ops.concatenate([u, v, ops.absolute(u - v), u * v], axis=-1)
    return TextFeatures(inputs, features, attention)


def assemble(text: TextFeatures, **outputs: Any) -> Any:
    """One model from the inputs to the named outputs and the attention weights."""
    return keras.Model(text.inputs, {**outputs, **text.attention}, name="kerasseq")


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
            _clear_padding(layer)


def _clear_padding(layer: Any) -> None:
    table = np.array(ops.convert_to_numpy(layer.embeddings.value))
    table[0] = 0
    layer.embeddings.assign(table)


def parameters(model: Any) -> int:
    """How many trainable numbers the model has."""
    return int(sum(np.prod(v.shape) for v in model.trainable_variables))


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
