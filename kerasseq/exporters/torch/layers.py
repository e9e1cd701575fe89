"""Layers in torch alone that are not followed operation by operation, built from their weights."""

# B batch, T time, D features, G gates, H units, K tags

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from keras import ops

from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch.recurrent import Bidirectional, Recurrent
from kerasseq.layers.crf import CRF

__all__ = ["in_torch"]

Tensor = Any
Part = Callable[..., Any]


def in_torch(layer: Any) -> Part | None:
    """What a layer does, as a module or function of tensors of torch; None where it is followed instead.

    Raises:
        Refused: It has no form here with its settings.
    """
    if layer.compute_dtype not in ("float32", "int32", "bool"):
        raise _refusal(layer, f"must compute in float32, got {layer.compute_dtype}")
    kind = type(layer)
    if kind is CRF:
        return Chain(layer)
    make = _PARTS.get(kind.__name__) if kind.__module__.partition(".")[0] == "keras" else None
    return None if make is None else make(layer)


def _refusal(layer: Any, message: str) -> Refused:
    return Refused(f"model.pt2: layer {layer.name!r} {message}; nothing was written")


def _weight(variable: Any) -> Tensor:
    return torch.tensor(np.asarray(ops.convert_to_numpy(variable), dtype=np.float32))


def _recurrent(layer: Any) -> Recurrent:
    if layer.return_state or layer.stateful:
        raise _refusal(layer, "must return no state and keep no state between calls")
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
        layer.return_sequences,
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


def _rescaling(layer: Any) -> Part:
    """Keras's layer is made for pipelines of data, not of `keras.ops`."""
    return lambda x: x * layer.scale + layer.offset


class Chain(torch.nn.Module):
    """A `CRF` layer without its search, which walks from step to step: scores `(B, T, K)`, no tags, the chain."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.chain = torch.nn.Parameter(_weight(layer.chain.packed()), requires_grad=False)

    def forward(self, scores: Tensor, mask: Tensor = None) -> tuple[Tensor, None, Tensor]:
        scores = scores if mask is None else torch.where(mask[..., None], scores, 0.0)
        return scores, None, self.chain.expand(scores.shape[0], -1, -1)


_PARTS: dict[str, Callable[[Any], Part]] = {
    **dict.fromkeys(("SimpleRNN", "GRU", "LSTM"), _recurrent),
    "Bidirectional": _bidirectional,
    "Rescaling": _rescaling,
}
"""Layers of Keras that are not followed."""
