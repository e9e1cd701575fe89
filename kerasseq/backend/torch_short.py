"""What a layer computes, without what its `call` asks anew each time, for the layers that nearly every model has."""

# B batch, T time, D features, U units

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import torch

__all__ = ["plain", "short"]

Tensor = Any
Call = Callable[..., Any]


def short(operation: Any) -> Call:
    """A function that gives what `operation.call` gives; that itself where there is no shorter way."""
    bound = "call" in vars(operation)
    return _whole(operation) if bound else _SHORT.get(type(operation), _whole)(operation)


def plain(layer: Any) -> bool:
    """Whether `layer.call` is all that calling `layer` does to tensors of the right type."""
    hooks = (layer._forward_hooks, layer._forward_pre_hooks, layer._backward_hooks, layer._backward_pre_hooks)
    return bool(
        type(layer).__call__ is keras.layers.Layer.__call__
        and layer.compute_dtype == layer.variable_dtype
        and layer.activity_regularizer is None
        and layer.quantization_mode is None
        and not layer._remat_mode
        and not any(hooks)
    )


def _whole(operation: Any) -> Call:
    call: Call = operation.call
    return call


def _embedding(layer: Any) -> Call:
    """Without casting ids and looking for negative ones, of which there are none."""
    if layer.lora_enabled:
        return _whole(layer)
    return lambda tokens: torch.nn.functional.embedding(tokens, layer.embeddings.value)


def _dense(layer: Any) -> Call:
    if layer.lora_enabled or not layer.use_bias:
        return _whole(layer)

    def call(x: Tensor, training: Any = None) -> Tensor:
        y = torch.matmul(x, layer.kernel.value) + layer.bias.value
        return y if layer.activation is keras.activations.linear else layer.activation(y)

    return call


def _recurrent(layer: Any) -> Call:
    """Straight to the bound kernel: there is no dropout to draw and no state to keep."""
    if "inner_loop" not in vars(layer) or layer.stateful or layer.return_state or layer.dropout:
        return _whole(layer)
    if layer.recurrent_dropout or layer.unroll:
        return _whole(layer)
    states = len(layer.state_size) if isinstance(layer.state_size, list | tuple) else 1

    def call(x: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False) -> Tensor:
        if initial_state is not None:
            return layer.call(x, initial_state=initial_state, mask=mask, training=training)
        start = x.new_zeros(x.shape[0], layer.units)
        last, outputs, _ = layer.inner_loop(x, [start] * states, mask, training=training)
        return outputs if layer.return_sequences else last

    return call


def _bidirectional(layer: Any) -> Call:
    halves = (layer.forward_layer, layer.backward_layer)
    if layer.merge_mode != "concat" or not all(type(half) in _RECURRENT and plain(half) for half in halves):
        return _whole(layer)
    if layer.stateful or layer.return_state:
        return _whole(layer)
    forward, backward = (_recurrent(half) for half in halves)

    def call(x: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False) -> Tensor:
        if initial_state is not None:
            return layer.call(x, initial_state=initial_state, mask=mask, training=training)
        y, z = (half(x, mask=mask, training=training) for half in (forward, backward))
        return torch.cat([y, z.flip(1) if layer.return_sequences else z], dim=-1)  # (B, T, 2 U) or (B, 2 U)

    return call


_RECURRENT = (keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN)

_SHORT: dict[Any, Callable[[Any], Call]] = {
    keras.layers.Embedding: _embedding,
    keras.layers.Dense: _dense,
    keras.layers.Bidirectional: _bidirectional,
    **dict.fromkeys(_RECURRENT, _recurrent),
}
