"""Bind fused kernels onto the genuine recurrent layers of a model, and say which path each layer runs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kerasseq.backend.recurrent_training import by_keras, recurrent_layers
from kerasseq.backend.select import current
from kerasseq.backend.truncation import block_steps, in_blocks
from kerasseq.backend.weight_drop import recurrent_kernel
from kerasseq.backend.weights import Weights

__all__ = ["accelerate", "explain", "fused", "fused_both"]


def accelerate(model: Any) -> Any:
    """Bind the fused path onto every recurrent layer of `model` that it covers, and onto dropout; returns `model`.

    The layers stay `keras.layers.*` and the saved file does not change. Loading, cloning and copying drop the binding:
    call it again. On jax cuDNN's LSTM is bound where there is a GPU, and else nothing: its own scan is fast.
    """
    loop = _inner_loop if current() == "torch" else _jax_loop
    for _, layer in recurrent_layers(model):
        if not _reason(layer):
            layer.inner_loop = functools.partial(loop, layer)
    if current() == "torch":
        for layer in model._flatten_layers(include_self=False):
            if type(layer) is keras.layers.Dropout:
                layer.call = functools.partial(_dropout, layer)
    return model


def explain(model: Any) -> dict[str, str]:
    """Which path each recurrent layer runs: `"compiled"`, or `"fused: "` or `"keras: "` and why. A decoder whose next
    step hangs on more than its state runs `"step by step: "` and why.

    On CUDA it is `"fused: on cuda, "` and how cuDNN gets the valid steps of a masked batch.

    Compiled loops need float32, the CPU and a working numba; the fused kernels of torch that run otherwise give the
    same numbers. What neither covers is left to Keras.

    >>> import keras
    >>> explain(keras.Sequential([keras.Input((None, 8)), keras.layers.GRU(4, name="gru_1")]))
    {'gru_1': 'keras: accelerate was not called'}
    """
    paths = {}
    for path, layer in recurrent_layers(model):
        reason = _reason(layer)
        fast = _is_bound(layer) and not reason
        paths[path] = _fast(layer) if fast else f"keras: {reason or 'accelerate was not called'}"
    for layer in model._flatten_layers(include_self=False):
        if why := getattr(layer, "stepwise", ""):
            paths[layer.name] = f"step by step: {why}"
    return paths


def _fast(layer: Any) -> str:
    """Which of our paths the layer takes, and why not the faster one."""
    if current() == "jax":
        return "fused: on cuda, cuDNN on steps moved together"
    from kerasseq.backend.torch_kernels import compiled_missing, on_device

    device = layer.cell.kernel.value.device.type if layer.built else "cpu"
    if device != "cpu":
        return f"fused: on {device}, {on_device(_kind(layer), layer.units)}"
    if layer.compute_dtype != "float32":
        return f"fused: computes in {layer.compute_dtype}"
    missing = compiled_missing()
    return f"fused: {missing}" if missing else "compiled"


def fused(layer: Any) -> Callable[..., Any] | None:
    """The fused path of a layer whose settings stay as they are: x, a mask of bool or None, states, and whether it is
    for training, to `Answers`.

    None where the path is not bound or does not cover the layer.
    """
    return _bound(layer) if _is_bound(layer) and not _reason(layer) else None


def fused_both(forward: Any, backward: Any) -> Callable[..., Any] | None:
    """The same of the two halves of a layer that reads in both directions, at once: x, a mask of bool or None, and
    whether it is for training, to the outputs of both side by side; None for what is read one half after the other.
    """
    halves = (forward, backward)
    how = {"zero_masked": forward.zero_output_for_mask, "sequences": forward.return_sequences}
    alike = how == {"zero_masked": backward.zero_output_for_mask, "sequences": backward.return_sequences}
    if not alike or forward.go_backwards or not backward.go_backwards or not all(fused(half) for half in halves):
        return None
    from kerasseq.backend import torch_kernels

    kinds = [_kind(half) for half in halves]

    def call(x: Any, mask: Any, training: bool) -> Any:
        units = [half.units for half in halves]
        if any(block_steps(half, x, training) for half in halves) or not torch_kernels.reads_both(
            kinds, x, mask, units
        ):
            return None
        weights = [_weights(half, training) for half in halves]
        return torch_kernels.fused_both(kinds, x, mask, weights, **how)

    return call


def _is_bound(layer: Any) -> bool:
    return getattr(vars(layer).get("inner_loop"), "func", None) in (_inner_loop, _jax_loop)


def _bound(layer: Any) -> Callable[..., Any]:
    from kerasseq.backend.torch_again import again
    from kerasseq.backend.torch_kernels import Answers, fused_loop

    loop = functools.partial(
        fused_loop,
        _kind(layer),
        backwards=layer.go_backwards,
        zero_masked=layer.zero_output_for_mask,
        sequences=layer.return_sequences,
    )
    wanted = layer.return_state or layer.stateful

    def call(x: Any, mask: Any, states: list[Any], training: bool = False) -> Any:
        steps = block_steps(layer, x, training)
        if not steps:
            return loop(x, mask, _weights(layer, training), states, states=wanted)
        kept = _weights(layer, training)

        def block(x: Any, mask: Any, kernel: Any, recurrent: Any, bias: Any, *states: Any) -> Any:
            found = loop(x, mask, Weights(kernel, recurrent, bias), list(states), states=True)
            return (found.outputs, *found.states)

        def run(x: Any, mask: Any, *states: Any) -> Any:
            return again(block, x, mask, *kept, *states)

        outputs, ended = in_blocks(run, x, mask, states, steps, layer)
        return Answers(outputs[:, -1], outputs, ended)

    return call


def _weights(layer: Any, training: bool) -> Weights:
    """As the kernels take them."""
    bias = None if layer.cell.bias is None else layer.cell.bias.value
    return Weights(layer.cell.kernel.value, recurrent_kernel(layer, training), bias)


def _reason(layer: Any) -> str:
    """Why the kernel does not cover the layer; empty when it does."""
    kind = type(layer)
    if current() != "torch" and not _has_cudnn(kind):
        return f"{current()} runs its own scan"
    if kind not in (keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN):
        return f"{kind.__name__} may compute something else than the Keras layer it derives from"
    gated = kind is not keras.layers.SimpleRNN
    checks = (
        (current() == "jax" and layer.compute_dtype != "float32", f"jax runs its own scan in {layer.compute_dtype}"),
        (layer.recurrent_dropout > 0, "recurrent_dropout"),
        (layer.dropout > 0 and gated and layer.cell.implementation == 1, "dropout with implementation=1"),
        (layer.activation not in _activations(gated), f"activation {_name(layer.activation)}"),
        (
            gated and layer.recurrent_activation is not keras.activations.sigmoid,
            f"recurrent_activation {_name(layer.recurrent_activation)}" if gated else "",
        ),
    )
    return ", ".join(name for found, name in checks if found)


def _has_cudnn(kind: type) -> bool:
    """Whether jax has cuDNN here, and cuDNN a layer of the kind."""
    if current() != "jax" or kind is not keras.layers.LSTM:
        return False
    from kerasseq.backend import jax_cudnn

    return jax_cudnn.here()


def _activations(gated: bool) -> tuple[Any, ...]:
    return (keras.activations.tanh,) if gated else (keras.activations.tanh, keras.activations.relu)


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _kind(layer: Any) -> str:
    """What `fused_loop` calls a layer that it covers."""
    if type(layer) is keras.layers.SimpleRNN:
        return f"rnn_{layer.activation.__name__}"
    if type(layer) is keras.layers.GRU and not layer.reset_after:
        return "gru_reset_before"
    return type(layer).__name__.lower()


def _inner_loop(layer: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
    """Stands in for `layer.inner_loop`; whatever the kernel cannot do goes to the method of the layer's class."""
    from kerasseq.backend.torch_kernels import as_mask, traced

    given = (sequences, initial_state, mask)
    sequences = _numbers(layer, sequences)
    mask = mask[0] if isinstance(mask, list | tuple) else mask
    states = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
    if traced(sequences) or _reason(layer) or not _alike(layer, sequences, mask, states):
        return by_keras(layer, *given, training)
    if training and layer.dropout:
        sequences = sequences * layer.cell.get_dropout_mask(sequences[:, 0, :])[:, None, :]
    return _bound(layer)(sequences, as_mask(mask, sequences), states, training)


def _jax_loop(layer: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
    """The same on jax, for an LSTM on a GPU."""
    from kerasseq.backend import jax_cudnn

    mask_ = mask[0] if isinstance(mask, list | tuple) else mask
    alike = all(tensor.dtype == "float32" for tensor in (sequences, *initial_state))
    if not alike or not sequences.shape[1] or _reason(layer) or block_steps(layer, sequences, training):
        return by_keras(layer, sequences, initial_state, mask, training)
    if training and layer.dropout:
        sequences = sequences * layer.cell.get_dropout_mask(sequences[:, 0, :])[:, None, :]
    if mask_ is not None:
        mask_ = ops.reshape(ops.cast(mask_, "bool"), sequences.shape[:2])
    weights = _weights(layer, training)
    how = {"backwards": layer.go_backwards, "zero_masked": layer.zero_output_for_mask}
    outputs, states = jax_cudnn.lstm(sequences, mask_, weights, list(initial_state), **how)
    return outputs[:, -1], outputs if layer.return_sequences else outputs[:, -1:], states


def _dropout(layer: Any, inputs: Any, training: bool = False) -> Any:
    """Stands in for `layer.call`; what has a seed or a shape of its own goes to the method of the layer's class."""
    from kerasseq.backend.torch_kernels import compiles_for, traced

    own = layer.seed is not None or layer.noise_shape is not None
    if own or not training or not 0 < layer.rate < 1 or traced(inputs) or not compiles_for(inputs):
        return type(layer).call(layer, inputs, training=training)
    from kerasseq.backend.compiled.dropout import dropout

    return dropout(inputs, layer.rate)


def _numbers(layer: Any, sequences: Any) -> Any:
    """Whole numbers and truth values as the layer computes with them; Keras casts none but floating ones."""
    return sequences if sequences.is_floating_point() else ops.cast(sequences, layer.compute_dtype)


def _alike(layer: Any, sequences: Any, mask: Any, states: list[Any]) -> bool:
    """Whether input, mask and states are of one batch, with rows, and one precision; Keras spreads and promotes."""
    batch, time = sequences.shape[:2]
    whole = batch > 0 and (mask is None or mask.numel() == batch * time)
    precision = layer.cell.kernel.value.dtype
    return whole and all(len(s) == batch for s in states) and all(t.dtype == precision for t in (sequences, *states))
