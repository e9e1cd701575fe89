"""Layers and operations of a Keras model in torch alone, built from their weights."""

# B batch, T time, D features, U features of a step, F features out, G gates, H units

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from keras import ops
from torch import nn
from torch.nn import functional

from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch.pooling import Attention, Last, Max, Mean, Sum
from kerasseq.exporters.torch.recurrent import Bidirectional, Recurrent

__all__ = ["in_torch"]

Tensor = Any
Part = Callable[..., Any]


def in_torch(operation: Any) -> Part:
    """What an operation of a functional Keras model does, as a module or function of tensors of torch.

    Raises:
        Refused: It has no form here, or not with its settings.
    """
    kind = type(operation)
    home = kind.__module__.partition(".")[0]
    make = _PARTS.get((home, kind.__name__))
    if make is None:
        hint = "" if home in ("keras", "kerasseq") else "; --to keras takes it, and --to onnx where its plugin says how"
        raise _refusal(operation, f"must be one that torch can say, got {kind.__module__}.{kind.__name__}{hint}")
    if getattr(operation, "compute_dtype", "float32") not in ("float32", "int32", "bool"):
        raise _refusal(operation, f"must compute in float32, got {operation.compute_dtype}")
    return make(operation)


def _refusal(layer: Any, message: str) -> Refused:
    return Refused(f"model.pt2: layer {layer.name!r} {message}; nothing was written")


def _weight(variable: Any) -> Tensor:
    return torch.tensor(np.asarray(ops.convert_to_numpy(variable), dtype=np.float32))


def _frozen(weight: Tensor) -> nn.Parameter:
    return nn.Parameter(weight, requires_grad=False)


_ACTIVATIONS: dict[str, Part] = {
    "linear": lambda x: x,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softmax": lambda x: torch.softmax(x, -1),
}


def _activation(layer: Any) -> Part:
    name = getattr(layer.activation, "__name__", "?")
    if name not in _ACTIVATIONS:
        raise _refusal(layer, f"must have one of the activations {', '.join(_ACTIVATIONS)}, got {name}")
    return _ACTIVATIONS[name]


class _Dense(nn.Module):
    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.weight = _frozen(_weight(layer.kernel).T.contiguous())
        self.bias = _frozen(_weight(layer.bias)) if layer.use_bias else None
        self.activation = _activation(layer)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(functional.linear(x, self.weight, self.bias))


class _Embedding(nn.Module):
    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.weight = _frozen(_weight(layer.embeddings))

    def forward(self, ids: Tensor) -> Tensor:
        return functional.embedding(ids, self.weight)


class _Scaled(nn.Module):
    """One scale and one shift for each feature."""

    def __init__(self, scale: Tensor, shift: Tensor) -> None:
        super().__init__()
        self.scale = _frozen(scale)
        self.shift = _frozen(shift)

    def forward(self, x: Tensor, mask: Tensor = None) -> Tensor:
        return x * self.scale + self.shift


def _batch_norm(layer: Any) -> nn.Module:
    """In use, the statistics of training stand: a scale and a shift."""
    _check_axis(layer)
    variance = _weight(layer.moving_variance)
    scale = (variance + layer.epsilon).rsqrt() * (_weight(layer.gamma) if layer.scale else 1.0)
    shift = (_weight(layer.beta) if layer.center else 0.0) - _weight(layer.moving_mean) * scale
    return _Scaled(scale, shift)


class _LayerNorm(nn.Module):
    def __init__(self, layer: Any) -> None:
        super().__init__()
        _check_axis(layer)
        self.weight = _frozen(_weight(layer.gamma)) if layer.scale else None
        self.bias = _frozen(_weight(layer.beta)) if layer.center else None
        self.epsilon = layer.epsilon

    def forward(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.epsilon)


def _check_axis(layer: Any) -> None:
    axis = tuple(layer.axis) if isinstance(layer.axis, list | tuple) else (layer.axis,)
    if axis not in ((-1,), (2,)):
        raise _refusal(layer, f"must normalise the last axis, got {list(axis)}")


def _recurrent(layer: Any) -> Recurrent:
    if not layer.return_sequences or layer.stateful:
        raise _refusal(layer, "must return sequences and keep no state between calls")
    kind = _kind(layer)
    cell, units = layer.cell, layer.units
    kernel, recurrent = _weight(cell.kernel).T, _weight(cell.recurrent_kernel).T  # (G H, D), (G H, H)
    bias = _weight(cell.bias) if layer.use_bias else torch.zeros(kernel.shape[0])
    biases = bias if bias.ndim == 2 else torch.stack([bias, torch.zeros_like(bias)])
    weights = [kernel, recurrent, *biases]
    if kind == "gru":  # z, r, n to r, z, n
        weights = [torch.cat([w[units : 2 * units], w[:units], w[2 * units :]]) for w in weights]
    return Recurrent(
        kind,
        [w.clone(memory_format=torch.contiguous_format) for w in weights],
        layer.go_backwards,
        bool(layer.zero_output_for_mask),
    )


def _kind(layer: Any) -> str:
    """The kernel of torch that computes the layer."""
    name, activation = type(layer).__name__, getattr(layer.activation, "__name__", "?")
    if name == "SimpleRNN":
        if activation not in ("tanh", "relu"):
            raise _refusal(layer, f"must have tanh or relu, which torch's kernels have, got {activation}")
        return f"rnn_{activation}"
    gates = getattr(layer.recurrent_activation, "__name__", "?")
    if (activation, gates) != ("tanh", "sigmoid"):
        raise _refusal(layer, f"must have tanh and sigmoid gates, as torch's kernels, got {activation} and {gates}")
    if name == "GRU" and not layer.reset_after:
        raise _refusal(layer, 'must reset after the multiplication, as torch\'s kernel, got reset = "before"')
    return name.lower()


def _bidirectional(layer: Any) -> Bidirectional:
    if layer.merge_mode != "concat":
        raise _refusal(layer, f"must set its directions side by side, got merge_mode {layer.merge_mode}")
    return Bidirectional(_recurrent(layer.forward_layer), _recurrent(layer.backward_layer))


class _RangeSquash(nn.Module):
    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.low, self.width = layer.low, layer.high - layer.low
        self.ends = layer.lowest, layer.highest

    def forward(self, x: Tensor) -> Tensor:
        return (self.low + self.width * torch.sigmoid(x)).clamp(*self.ends)


def _rescaling(layer: Any) -> Part:
    return lambda x: x * layer.scale + layer.offset


def _reshape(layer: Any) -> Part:
    return lambda x: x.reshape(x.shape[0], *layer.target_shape)


_TYPES = {"float32": torch.float32, "int32": torch.int32, "int64": torch.int64, "bool": torch.bool}


def _cast(operation: Any) -> Part:
    return lambda x, dtype=None: x.to(_TYPES[dtype or operation.dtype])


def _added(operation: Any) -> Part:
    """Keras's operation of two tensors, and its layer of a list of them."""
    return lambda *xs: sum(xs[0][1:], xs[0][0]) if len(xs) == 1 else xs[0] + xs[1]


def _same(operation: Any) -> Part:
    return lambda x, *_, **__: x


_PARTS: dict[tuple[str, str], Callable[[Any], Part]] = {
    ("keras", "NotEqual"): lambda _: torch.ne,
    ("keras", "Cast"): _cast,
    ("keras", "ExpandDims"): lambda operation: (
        lambda x, axis=None: x.unsqueeze(operation.axis if axis is None else axis)
    ),
    ("keras", "Multiply"): lambda _: torch.mul,
    ("keras", "Subtract"): lambda _: torch.sub,
    ("keras", "Add"): _added,
    ("keras", "Absolute"): lambda _: torch.abs,
    ("keras", "Concatenate"): lambda operation: lambda xs, *_: torch.cat(xs, dim=operation.axis),
    ("keras", "Embedding"): _Embedding,
    ("keras", "Dense"): _Dense,
    ("keras", "Dropout"): _same,
    ("keras", "Activation"): _activation,
    ("keras", "Rescaling"): _rescaling,
    ("keras", "Reshape"): _reshape,
    ("keras", "LayerNormalization"): _LayerNorm,
    ("keras", "BatchNormalization"): _batch_norm,
    ("keras", "SimpleRNN"): _recurrent,
    ("keras", "GRU"): _recurrent,
    ("keras", "LSTM"): _recurrent,
    ("keras", "Bidirectional"): _bidirectional,
    ("kerasseq", "WordDropout"): _same,
    ("kerasseq", "SumPooling"): lambda _: Sum(),
    ("kerasseq", "MeanPooling"): lambda _: Mean(),
    ("kerasseq", "MaxPooling"): lambda _: Max(),
    ("kerasseq", "LastPooling"): lambda layer: Last(layer.directions),
    ("kerasseq", "AttentionPooling"): lambda layer: Attention(
        *(_weight(w) for w in (layer.kernel, layer.bias, layer.context))
    ),
    ("kerasseq", "RangeSquash"): _RangeSquash,
}
