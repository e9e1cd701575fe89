"""cuDNN's LSTM for masked sequences on jax, with Keras's semantics.

Keras on jax gives cuDNN no batch that has a mask, and every batch of ours has one. cuDNN takes a length for each row:
so the valid steps of each row move to its front (compaction), whatever the mask looks like, and each step's answer is
read where its newest valid step landed. All shapes stay as they are, so that a program compiles once per batch length.
"""

# B batch, T time, D features, H units

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

__all__ = ["here", "lstm"]

Array = Any


def here() -> bool:
    """Whether jax computes on a GPU of NVIDIA and has cuDNN's LSTM; another GPU runs Keras's scan."""
    if jax.default_backend() != "gpu":
        return False
    try:
        from jax.experimental import rnn
    except ImportError:
        return False
    return bool(rnn.gpu_rnn) and "rocm" not in jax.devices()[0].client.platform_version.lower()


def lstm(
    x: Array,
    mask: Array | None,
    weights: tuple[Array, Array, Array | None],
    states: list[Array],
    *,
    backwards: bool = False,
    zero_masked: bool = False,
) -> tuple[Array, list[Array]]:
    """All answers `(B, T, H)` in the order of reading, and h and c behind each row's last valid step.

    Args:
        x: `(B, T, D)` float32.
        mask: `(B, T)` bool, True is valid; None where every step is.
        weights: Kernel `(D, 4 H)`, recurrent kernel `(H, 4 H)`, bias `(4 H,)` or None, as Keras holds them.
        states: h and c, `(B, H)` each.
        backwards: Read from the last step to the first.
        zero_masked: Give zeros at masked steps instead of the newest valid answer.

    Before a row's first valid step the answer is h, as in Keras's scan on jax.
    """
    if backwards:
        x, mask = jnp.flip(x, 1), None if mask is None else jnp.flip(mask, 1)
    batch, time = x.shape[:2]
    if mask is None:
        y, ended = _run(x, weights, states, jnp.full((batch,), time, dtype=jnp.int32))
        return y, ended
    counted = jnp.cumsum(mask, axis=1, dtype=jnp.int32)  # (B, T): how many valid steps up to here
    lengths = counted[:, -1]
    order = jnp.argsort(~mask, axis=1, stable=True)  # the valid steps first
    compact = jnp.take_along_axis(x, order[:, :, None], axis=1)
    y, ended = _run(compact, weights, states, jnp.maximum(lengths, 1))  # a row without steps is read and not looked at
    newest = jnp.take_along_axis(y, jnp.maximum(counted - 1, 0)[:, :, None], axis=1)
    outputs = jnp.where((counted > 0)[:, :, None], newest, states[0][:, None])
    if zero_masked:
        outputs = jnp.where(mask[:, :, None], outputs, 0.0)
    return outputs, [jnp.where(lengths[:, None] > 0, end, start) for end, start in zip(ended, states, strict=True)]


def _run(
    x: Array, weights: tuple[Array, Array, Array | None], states: list[Array], lengths: Array
) -> tuple[Array, list[Array]]:
    """cuDNN's answers, zeros behind the length of a row, and its states there."""
    from jax.experimental.rnn import lstm as by_cudnn

    kernel, recurrent, bias = weights
    first = jnp.zeros(kernel.shape[1], kernel.dtype) if bias is None else bias
    parts = (kernel.T, recurrent.T, first, jnp.zeros_like(first))  # gates i, f, g, o, as Keras has them
    flat = jnp.concatenate([part.ravel() for part in parts])
    sizes = {"input_size": kernel.shape[0], "hidden_size": recurrent.shape[0], "num_layers": 1}
    h, c = (state[None] for state in states)
    y, h, c = by_cudnn(x, h, c, flat, lengths, **sizes, dropout=0.0, bidirectional=False)
    return y, [h[0], c[0]]
