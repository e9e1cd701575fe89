"""One direction of a recurrent layer as a function that torch can differentiate.

The rows of a batch are independent, so each thread runs some of them from end to end, without waiting for the others:
compiled code holds no lock of Python's. Rows are dealt out in turn, for neighbours are alike in length.
"""

# B rows of the batch, R rows of a thread, T time, S valid steps, D features, H units, G gates

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import torch

from kerasseq.backend.compiled import gru, lstm, packing, products, simple_rnn
from kerasseq.backend.compiled.gemm import find_blas
from kerasseq.backend.compiled.threads import share

__all__ = ["run"]

Array = Any

SPAN = 8
"""Steps whose gates stay in the cache where no gradient needs them all."""


class _Job(NamedTuple):
    """What one thread keeps for the gradient.

    Attributes:
        rows: `(R,)` in the order of the blocks.
        lengths: `(R,)`.
        offsets: Of the blocks, `(L + 1,)`.
        source: `(S,)`.
        x: Packed, `(S, D)`.
        kept: What the kind's `forward` returned; h `(R + S, H)` comes first.
    """

    rows: Array
    lengths: Array
    offsets: Array
    source: Array
    x: Array
    kept: tuple[Array, ...]


class _How(NamedTuple):
    """The switches of a layer, and whether a gradient will be asked for."""

    kind: str
    backwards: bool
    zero_masked: bool
    sequences: bool
    keep: bool


def run(
    kind: str,
    x: Any,
    mask: Any,
    weights: tuple[Any, Any, Any],
    initial: list[Any],
    *,
    backwards: bool,
    zero_masked: bool,
    sequences: bool,
) -> tuple[Any, list[Any]]:
    """Outputs `(B, T, H)`, or `(B, 1, H)` of the last step read, and the states after each row's last valid step.

    Args:
        kind: `"lstm"`, `"gru"`, `"gru_reset_before"`, `"rnn_tanh"` or `"rnn_relu"`.
        x: `(B, T, D)` float32 on the CPU.
        mask: `(B, T)` bool; None when every step is valid.
        weights: Kernel `(D, G H)`, recurrent kernel `(H, G H)`, bias as Keras holds it.
        initial: h, and c of an LSTM, `(B, H)` each.
        backwards: Read from the last step to the first.
        zero_masked: Give zeros at masked steps instead of the newest valid answer.
        sequences: Whether all answers are wanted.
    """
    if mask is None:
        mask = torch.ones(x.shape[:2], dtype=torch.bool)
    keep = torch.is_grad_enabled() and any(t.requires_grad for t in (x, *weights, *initial))
    how = _How(kind, backwards, zero_masked, sequences, keep)
    if keep:
        outputs, *states = _Layer.apply(how, mask, x, *weights, *initial)
    else:
        arrays, _ = _answer(how, *_arrays(mask, x, *weights, *initial))
        outputs, *states = map(torch.from_numpy, arrays)
    return outputs, states


def _arrays(*tensors: Any) -> list[Array]:
    return [t.detach().contiguous().numpy() for t in tensors]


def _answer(
    how: _How, valid: Array, x: Array, kernel: Array, recurrent: Array, bias: Array, *starts: Array
) -> tuple[list[Array], list[_Job]]:
    """Outputs and states, and what a gradient would need."""
    batch, time, features = x.shape
    units = starts[0].shape[1]
    weights = [kernel, recurrent, bias]
    outputs = np.empty((batch, time if how.sequences else 1, units), dtype=np.float32)
    states = [np.empty((batch, units), dtype=np.float32) for _ in starts]
    flat = x.reshape(-1, features)

    def job(first: int, stride: int) -> _Job:
        rows, lengths, offsets, source, taken = packing.pack(flat, valid, first, stride, how.backwards)
        begin = [start[rows] for start in starts]
        kept = _forward(how.kind, taken, offsets, weights, begin, how.keep)
        answers = kept[0][len(rows) :]
        packing.gather(answers, offsets, rows, valid, how.backwards, how.zero_masked, outputs)
        for state, values, start in zip(states, kept, begin, strict=False):
            packing.last(values[len(rows) :], offsets, rows, lengths, start, state)
        return _Job(rows, lengths, offsets, source, taken, kept)

    jobs = share(job, batch)
    return [outputs, *states], jobs


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, how: _How, mask: Any, x: Any, kernel: Any, recurrent: Any, bias: Any, *initial: Any) -> Any:
        valid, *rest = _arrays(mask, x, kernel, recurrent, bias, *initial)
        arrays, jobs = _answer(how, valid, *rest)
        ctx.how, ctx.jobs, ctx.valid, ctx.shape, ctx.again = how, jobs, valid, x.shape, False
        ctx.save_for_backward(kernel, recurrent, bias)
        ctx.set_materialize_grads(False)
        return tuple(map(torch.from_numpy, arrays))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, doutputs: Any, *dstates: Any) -> Any:
        how, weights = ctx.how, _arrays(*ctx.saved_tensors)
        kernel, recurrent, _ = weights
        handed = [None if d is None else _arrays(d)[0] for d in (doutputs, *dstates)]
        batch, time, features = ctx.shape
        units = recurrent.shape[0]
        dx = np.zeros((batch * time, features), dtype=np.float32) if ctx.needs_input_grad[2] else None
        dinitial = [np.empty((batch, units), dtype=np.float32) for _ in dstates]

        def back(index: int, _: int) -> list[Array]:
            job = ctx.jobs[index]
            rows = job.rows
            if ctx.again:  # a retained graph: the gates were overwritten the first time
                begin = [values[: len(rows)] for values in job.kept[: len(dstates)]]
                job = job._replace(kept=_forward(how.kind, job.x, job.offsets, weights, begin, True))
            d = np.zeros((len(job.x), units), dtype=np.float32)
            starts = [np.zeros((len(rows), units), dtype=np.float32) for _ in dstates]
            if handed[0] is not None:
                packing.gather_gradient(handed[0], job.offsets, rows, ctx.valid, how.backwards, how.zero_masked, d)
            if handed[1] is not None:
                packing.last_gradient(handed[1], job.offsets, rows, job.lengths, d, starts[0])
            if len(handed) > 2 and handed[2] is not None:
                starts[1] = handed[2][rows]
            dx_packed, *dweights, dstart = _backward(how.kind, job, kernel, recurrent, d, starts[1:], dx is not None)
            if dx is not None:
                dx[job.source] = dx_packed
            starts[0] += dstart
            for into, start in zip(dinitial, starts, strict=True):
                into[rows] = start
            return dweights

        parts = share(back, batch, len(ctx.jobs))
        ctx.again = True
        sums = [functools.reduce(np.add, part) for part in zip(*parts, strict=True)]
        arrays = [None if dx is None else dx.reshape(batch, time, features), *sums, *dinitial]
        return None, None, *(None if a is None else torch.from_numpy(a) for a in arrays)


def _forward(
    kind: str, x: Array, offsets: Array, weights: list[Array], start: list[Array], keep: bool
) -> tuple[Array, ...]:
    blas, large = find_blas().address, find_blas().large
    span = max(len(offsets), 1) if keep else SPAN
    if kind == "lstm":
        return tuple(lstm.forward(blas, large, x, offsets, *weights, *start, span))
    if kind.startswith("gru"):
        kernel, recurrent, bias = weights
        after = kind == "gru"
        both = bias if after else np.stack([bias, np.zeros_like(bias)])
        return tuple(gru.forward(blas, large, x, offsets, kernel, recurrent, both, *start, after, span))
    return (simple_rnn.forward(blas, large, x, offsets, *weights, *start, kind == "rnn_relu"),)


def _backward(
    kind: str, job: _Job, kernel: Array, recurrent: Array, d: Array, memory: list[Array], input_too: bool
) -> list[Array]:
    """Gradients of the packed x (or None), the kernel, the recurrent kernel, the bias and the first h."""
    blas, large = find_blas().address, find_blas().large
    h = job.kept[0]
    began = packing.before(h, job.offsets, len(job.rows))
    if kind == "lstm":
        _, c, gates = job.kept
        dstate = lstm.backward(blas, job.offsets, recurrent, c, gates, d, *memory)
    elif kind.startswith("gru"):
        _, gates, inner = job.kept
        dstate = gru.backward(blas, job.offsets, recurrent, h, gates, inner, d, kind == "gru")
    else:
        gates = d
        dstate = simple_rnn.backward(blas, job.offsets, recurrent, h, d, kind == "rnn_relu")
    wide = gates.shape[1]
    dx = products.to_inputs(large, gates, kernel) if input_too else None
    dkernel = products.to_weights(large, job.x, gates, 0, wide)
    dbias = products.sums(gates)
    if not kind.startswith("gru"):
        return [dx, dkernel, products.to_weights(large, began, gates, 0, wide), dbias, dstate]
    two = wide // 3 * 2
    opened = products.to_weights(large, began, gates, 0, two)
    if kind == "gru":
        candidate = products.to_weights(large, began, inner, 0, wide - two)
        dbias = np.stack([dbias, np.concatenate([dbias[:two], products.sums(inner)])])
    else:
        candidate = products.to_weights(large, inner, gates, two, wide)
    return [dx, dkernel, np.concatenate([opened, candidate], 1), dbias, dstate]
