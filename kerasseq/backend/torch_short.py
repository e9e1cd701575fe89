"""What a layer computes, without what its `call` asks anew each time, for the layers that nearly every model has."""

# B batch, T time, D features, U units

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import torch

from kerasseq.backend.accelerate import fused, fused_both
from kerasseq.backend.torch_host import note_from
from kerasseq.backend.torch_kernels import traced
from kerasseq.backend.words import note_words

__all__ = ["plain", "short"]

Tensor = Any
Call = Callable[..., Any]


def short(operation: Any) -> Call:
    """A function that gives what `operation.call` gives; that itself where there is no shorter way."""
    kind = type(operation)
    if "call" in vars(operation):
        return _whole(operation)
    if kind.__name__ == "NotEqual" and kind.__module__.startswith("keras."):  # Keras does not export it
        return _not_equal(operation)
    return _SHORT.get(kind, _whole)(operation)


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


def _not_equal(operation: Any) -> Call:
    """The mask of ids, without making a tensor of the number that they are compared with; known where the ids are."""

    def call(x: Tensor, other: Any) -> Tensor:
        if not isinstance(other, int):
            return operation.call(x, other)
        found = torch.ne(x, other)
        note_from(found, x, lambda ids: ids != other)
        return found

    return call


def _embedding(layer: Any) -> Call:
    """Without casting ids and looking for negative ones, of which there are none."""
    if layer.lora_enabled:
        return _whole(layer)

    def call(tokens: Tensor) -> Tensor:
        vectors = layer.embeddings.value
        x = torch.nn.functional.embedding(tokens, vectors)
        note_words(x, tokens, vectors)
        return x

    return call


def _dense(layer: Any) -> Call:
    if layer.lora_enabled or not layer.use_bias:
        return _whole(layer)

    def call(x: Tensor, training: Any = None) -> Tensor:
        y = torch.matmul(x, layer.kernel.value) + layer.bias.value
        return y if layer.activation is keras.activations.linear else layer.activation(y)

    return call


def _recurrent(layer: Any) -> Call:
    """Straight to the bound kernel: there is no dropout to draw and no state to keep."""
    loop = fused(layer)
    if loop is None or layer.stateful or layer.dropout or layer.unroll:
        return _whole(layer)
    states = 2 if isinstance(layer, keras.layers.LSTM) else 1
    units, sequences, gives_states = layer.units, layer.return_sequences, layer.return_state

    def call(x: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        if not _kernel_takes(x, mask):
            return layer.call(x, initial_state=initial_state, mask=mask, training=training)
        if initial_state is None:
            initial_state = [x.new_zeros(x.shape[0], units)] * states
        given = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
        answers = loop(x, mask, given, training)
        found = answers.outputs if sequences else answers.last
        return (found, *answers.states) if gives_states else found

    return call


def _kernel_takes(x: Tensor, mask: Any) -> bool:
    return not traced(x) and (mask is None or mask.dtype == torch.bool)


def _bidirectional(layer: Any) -> Call:
    halves = (layer.forward_layer, layer.backward_layer)
    if layer.merge_mode != "concat" or not all(type(half) in _RECURRENT and plain(half) for half in halves):
        return _whole(layer)
    if layer.stateful or layer.return_state:
        return _whole(layer)
    forward, backward = (_recurrent(half) for half in halves)
    both = None if any(half.dropout or half.unroll for half in halves) else fused_both(*halves)

    def call(x: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False) -> Tensor:
        if initial_state is not None:
            return layer.call(x, initial_state=initial_state, mask=mask, training=training)
        found = both(x, mask, training) if both is not None and _kernel_takes(x, mask) else None
        if found is not None:
            return found if layer.return_sequences else found[:, 0]
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
