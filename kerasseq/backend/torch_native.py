"""torch's own recurrent kernels, with a layer's weights as Keras holds them: oneDNN on the CPU, cuDNN on CUDA."""

# B batch, T time, S valid steps of a batch, D features, H units, G gates, N directions

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from kerasseq.backend.weights import Weights

__all__ = ["Answers", "native", "with_bias"]

Tensor = Any


class Answers(NamedTuple):
    """What a recurrent layer computed.

    Attributes:
        last: The answer at the last step that was read, `(B, H)`.
        outputs: The answers at all steps, `(B, T, H)`, in the order in which they were computed; `(B, 1, H)` with the
            last alone where all were not asked for.
        states: The state after each row's last valid step: h, and c of an LSTM, `(B, H)` each.
    """

    last: Tensor
    outputs: Tensor
    states: list[Tensor]


def with_bias(kind: str, weights: Weights) -> tuple[Tensor, Tensor, Tensor]:
    """The weights, with a bias of zeros where there is none."""
    kernel, recurrent, bias = weights
    if bias is None:
        bias = kernel.new_zeros((2, kernel.shape[1]) if kind == "gru" else kernel.shape[1])
    return kernel, recurrent, bias


def native(
    kind: str, x: Tensor, weights: Sequence[Weights], initial: Sequence[Tensor], batch_sizes: Tensor | None = None
) -> tuple[Tensor, list[Tensor]]:
    """All answers, and the states behind them.

    Args:
        kind: `"lstm"`, `"gru"`, `"rnn_tanh"` or `"rnn_relu"`.
        x: `(T, B, D)`; packed `(S, D)`.
        weights: Of one direction; or of two, of which the second reads each row from its end.
        initial: h, and c of an LSTM, `(N, B, H)` each, in the order of the packed rows.
        batch_sizes: Of packed x: how many rows have a step, for each step of the longest row; on the CPU.

    Returns:
        `(T, B, N H)` or `(S, N H)`, and h, and c of an LSTM, `(N, B, H)` each.
    """
    flat = _on_cuda(kind, weights) if x.device.type == "cuda" else _on_cpu(kind, weights)
    states = [state.contiguous() for state in initial]
    state = tuple(states) if kind == "lstm" else states[0]
    given = (x, state) if batch_sizes is None else (x, batch_sizes, state)
    how = (True, 1, 0.0, torch.is_grad_enabled(), len(weights) == 2)
    y, *ended = getattr(torch._VF, kind)(*given, flat, *how, *((False,) if batch_sizes is None else ()))
    return y, ended


def _parts(kind: str, weights: Weights) -> list[Tensor]:
    """As torch orders them: `(G H, D)`, `(G H, H)`, and two biases `(G H,)`; GRU r, z, n."""
    kernel, recurrent, bias = with_bias(kind, weights)
    if kind == "gru":
        kernel, recurrent, bias = (_swap_first_two(w, recurrent.shape[0]) for w in (kernel, recurrent, bias))
    biases = [bias[0], bias[1]] if kind == "gru" else [bias, torch.zeros_like(bias)]
    return [kernel.t(), recurrent.t(), *biases]


def _on_cpu(kind: str, weights: Sequence[Weights]) -> list[Tensor]:
    return [part.contiguous() for one in weights for part in _parts(kind, one)]


def _on_cuda(kind: str, weights: Sequence[Weights]) -> list[Tensor]:
    """Parts of one stretch of memory in the order of cuDNN, the matrices of all directions and then the biases, so that
    torch hands the stretch on; it copies what lies elsewhere, part by part, and warns."""
    parts = [_parts(kind, one) for one in weights]
    ordered = [part for one in parts for part in one[:2]] + [part for one in parts for part in one[2:]]
    whole = torch.cat([part.reshape(-1) for part in ordered])
    pieces = whole.split([part.numel() for part in ordered])
    found = [piece.view(part.shape) for piece, part in zip(pieces, ordered, strict=True)]
    matrices, biases = found[: 2 * len(parts)], found[2 * len(parts) :]
    return [part for n in range(0, len(found) // 2, 2) for part in (*matrices[n : n + 2], *biases[n : n + 2])]


def _swap_first_two(weight: Tensor, units: int) -> Tensor:
    z, r, n = weight.split(units, dim=-1)
    return torch.cat([r, z, n], dim=-1)
