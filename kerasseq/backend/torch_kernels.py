"""Fused recurrent kernels for masked sequences on torch, with Keras's semantics.

Keras on torch walks a masked sequence step by step in Python. torch's own kernels know no mask, but a mask only says
which steps exist: move the valid steps of each row to the front (compaction), run the kernel, and read each step's
answer where its newest valid step landed. One formula serves right and left padding, gaps and all-masked rows.
"""

# B batch, T time, D features, H units, G gates

from __future__ import annotations

from typing import Any

import torch

__all__ = ["fused_loop", "kernel_weights", "traced"]

Tensor = Any


def traced(x: Tensor) -> bool:
    """Whether `x` has no numbers, or a trace would freeze what is decided by them."""
    return bool(x.device.type == "meta" or torch.jit.is_tracing())


def kernel_weights(cell: Any, kind: str) -> list[Tensor]:
    """The cell's weights as torch's kernels want them: `(G H, D)`, `(G H, H)` and two `(G H,)` biases.

    Gates: LSTM i, f, g, o in both; GRU z, r, n in Keras and r, z, n in torch.
    """
    kernel, recurrent, bias = cell.kernel.value, cell.recurrent_kernel.value, cell.bias.value
    if kind == "gru":
        kernel, recurrent, bias = (_swap_first_two(w, cell.units) for w in (kernel, recurrent, bias))
        biases = [bias[0].contiguous(), bias[1].contiguous()]
    else:
        biases = [bias, torch.zeros_like(bias)]
    return [kernel.T.contiguous(), recurrent.T.contiguous(), *biases]


def _swap_first_two(weight: Tensor, units: int) -> Tensor:
    z, r, n = weight.split(units, dim=-1)
    return torch.cat([r, z, n], dim=-1)


@torch.compiler.disable  # type: ignore[untyped-decorator]
def fused_loop(
    kind: str, x: Tensor, mask: Tensor | None, weights: list[Tensor], backwards: bool, zero_masked: bool
) -> tuple[Tensor, Tensor]:
    """Run one direction of one layer from a zero state.

    Args:
        kind: `"lstm"`, `"gru"`, `"rnn_tanh"` or `"rnn_relu"`.
        x: `(B, T, D)`.
        mask: `(B, T)` bool, True is valid; None when every step is.
        weights: From `kernel_weights`.
        backwards: Read from the last step to the first.
        zero_masked: Give zeros at masked steps instead of the newest valid answer.

    Returns:
        The last answer `(B, H)` and all answers `(B, T, H)` in the order in which they were computed. Before a row's
        first valid step the answer is zero.
    """
    if backwards:
        x = x.flip(1)
        mask = None if mask is None else mask.flip(1)
    if mask is None:
        y = _kernel(kind, x, weights)
        return y[:, -1], y
    steps = mask.long().cumsum(1)  # (B, T): how many valid steps up to here
    lengths = steps[:, -1]
    longest = max(int(lengths.max()), 1)
    y = _kernel(kind, _compact(x, mask, steps, longest), weights)  # (B, longest, H)
    newest = (steps - 1).clamp(min=0)[..., None].expand(-1, -1, y.shape[2])
    known = (mask if zero_masked else steps > 0)[..., None]
    outputs = torch.where(known, y.gather(1, newest), y.new_zeros(()))
    return outputs[:, -1], outputs


def _compact(x: Tensor, mask: Tensor, steps: Tensor, longest: int) -> Tensor:
    """Move the valid steps of each row to the front and cut what no row needs."""
    if bool((mask[:, :-1] >= mask[:, 1:]).all()):  # right padding is compact already
        return x[:, :longest]
    batch, time = mask.shape
    behind = steps[:, -1:] + (~mask).long().cumsum(1) - 1
    target = torch.where(mask, steps - 1, behind)
    positions = torch.arange(time, device=x.device).expand(batch, -1)
    order = torch.zeros_like(steps).scatter(1, target, positions)[:, :longest]
    return x.gather(1, order[..., None].expand(-1, -1, x.shape[2]))


def _kernel(kind: str, x: Tensor, weights: list[Tensor]) -> Tensor:
    """All answers `(B, T, H)` of torch's kernel from a zero state."""
    h = x.new_zeros(1, x.shape[0], weights[1].shape[1])
    training = torch.is_grad_enabled()
    if kind == "lstm":
        return torch._VF.lstm(x, (h, h), weights, True, 1, 0.0, training, False, True)[0]
    return getattr(torch._VF, kind)(x, h, weights, True, 1, 0.0, training, False, True)[0]
