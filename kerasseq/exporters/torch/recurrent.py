"""Recurrent layers of torch alone, with Keras's masks, that `torch.export` keeps as one operator each.

A mask says which steps exist: the valid steps of each row move to the front, the kernel runs, and each step reads the
answer where its newest valid step landed. All shapes follow from the input, so batch and time stay free; right and left
padding, gaps and all-masked rows give what Keras gives.
"""

# B batch, T time, D features, H units

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

__all__ = ["Bidirectional", "Recurrent", "kept_whole"]

Tensor = Any

KINDS = {"lstm": torch.lstm, "gru": torch.gru, "rnn_tanh": torch.rnn_tanh, "rnn_relu": torch.rnn_relu}


class Recurrent(torch.nn.Module):
    """One direction of one layer.

    Args:
        kind: `lstm`, `gru`, `rnn_tanh` or `rnn_relu`.
        weights: As torch orders them: input `(G H, D)`, state `(G H, H)` and their two biases `(G H,)`.
        backwards: Read from the last step to the first; answers come in the order in which they are computed.
        zero_masked: Give zeros at masked steps instead of the newest valid answer.
        sequences: Give the answer of every step, not of the last alone.

    Shapes: `(B, T, D)`, mask `(B, T)` bool -> `(B, T, H)` or `(B, H)`; before a row's first valid step the answer is
    zero.
    """

    def __init__(
        self, kind: str, weights: Sequence[Tensor], backwards: bool, zero_masked: bool, sequences: bool = True
    ) -> None:
        super().__init__()
        self.sequences = sequences
        self.kind = kind
        self.backwards = backwards
        self.zero_masked = zero_masked
        names = ("weight_input", "weight_state", "bias_input", "bias_state")
        for name, weight in zip(names, weights, strict=True):
            self.register_parameter(name, torch.nn.Parameter(weight, requires_grad=False))

    def forward(self, x: Tensor, mask: Tensor = None) -> Tensor:
        mask = x.new_ones(x.shape[:2], dtype=torch.bool) if mask is None else mask
        if self.backwards:
            x, mask = x.flip(1), mask.flip(1)
        seen = mask.long().cumsum(1)  # (B, T): how many valid steps up to here
        order = (~mask).to(torch.uint8).sort(dim=1, stable=True).indices  # the valid steps first
        answers = self._run(x.gather(1, _wide(order, x.shape[2])))
        newest = (seen - 1).clamp(min=0)
        answers = answers.gather(1, _wide(newest, answers.shape[2]))
        known = mask if self.zero_masked else seen > 0
        answers = torch.where(known[..., None], answers, 0.0)
        return answers if self.sequences else answers[:, -1]

    def _run(self, x: Tensor) -> Tensor:
        start = x.new_zeros(1, x.shape[0], self.weight_state.shape[1])
        state = (start, start.clone()) if self.kind == "lstm" else start
        weights = [self.weight_input, self.weight_state, self.bias_input, self.bias_state]
        return KINDS[self.kind](x, state, weights, True, 1, 0.0, False, False, True)[0]


class Bidirectional(torch.nn.Module):
    """Two directions side by side, `(B, T, D)` -> `(B, T, 2 H)`, or `(B, 2 H)` of their last steps."""

    def __init__(self, forwards: Recurrent, backwards: Recurrent) -> None:
        super().__init__()
        self.forwards = forwards
        self.backwards = backwards

    def forward(self, x: Tensor, mask: Tensor = None) -> Tensor:
        back = self.backwards(x, mask)
        return torch.cat([self.forwards(x, mask), back.flip(1) if back.ndim == 3 else back], dim=-1)


def _wide(index: Tensor, width: int) -> Tensor:
    """`(B, T)` -> `(B, T, width)`, to gather whole vectors."""
    return index[..., None].expand(-1, -1, width)


@contextmanager
def kept_whole() -> Iterator[None]:
    """Inside, `torch.export` sees a recurrent operator as one that it knows the shapes of.

    Otherwise it walks through torch's own Python loop over the steps, and the program knows one length alone.
    """
    aten, key = torch.ops.aten, torch._C.DispatchKey.CompositeImplicitAutograd
    operators = [aten.lstm.input, aten.gru.input, aten.rnn_tanh.input, aten.rnn_relu.input]
    before = [operator.py_kernels[key] for operator in operators]
    for operator in operators:
        operator.py_kernels[key] = _shapes
    try:
        yield
    finally:
        for operator, kernel in zip(operators, before, strict=True):
            operator.py_kernels[key] = kernel


def _shapes(x: Tensor, state: Any, *_: Any) -> tuple[Tensor, ...]:
    """Empty answers `(B, T, H)` and states of one layer in one direction."""
    states = state if isinstance(state, tuple | list) else [state]
    answers = x.new_empty(x.shape[0], x.shape[1], states[0].shape[2])
    return answers, *(each.new_empty(each.shape) for each in states)
