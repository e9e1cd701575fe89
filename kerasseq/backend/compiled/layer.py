"""The directions of a recurrent layer as a function that torch can differentiate.

The rows of a batch are independent, and so are two directions that read the same input: each thread runs some rows of
one direction from end to end, without waiting for the others, for compiled code holds no lock of Python's. Directions
are dealt out first, as the more rows share a step the better its multiplication is. Rows are dealt out in turn, for
neighbours are alike in length.
"""

# B rows of the batch, R rows of a thread, T time, S valid steps, D features, H units, G gates

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from kerasseq.backend.compiled import gru, lstm, packing, products, simple_rnn
from kerasseq.backend.compiled.gemm import find_blas
from kerasseq.backend.compiled.threads import parts_of, together
from kerasseq.backend.compiled.words import Known, known_words

__all__ = ["Direction", "run", "run_joined"]

Array = Any

_NONE, _NOWHERE = np.empty((0, 0), dtype=np.float32), np.empty(0, dtype=np.int32)

SPAN = 8
"""Steps whose gates stay in the cache where no gradient needs them all."""


class Direction(NamedTuple):
    """One way of reading x.

    Attributes:
        kind: `"lstm"`, `"gru"`, `"gru_reset_before"`, `"rnn_tanh"` or `"rnn_relu"`.
        weights: Kernel `(D, G H)`, recurrent kernel `(H, G H)`, bias as Keras holds it.
        initial: h, and c of an LSTM, `(B, H)` each.
        backwards: Read from the last step to the first.
        zero_masked: Give zeros at masked steps instead of the newest valid answer.
        sequences: Whether all answers are wanted.
    """

    kind: str
    weights: tuple[Any, Any, Any]
    initial: list[Any]
    backwards: bool
    zero_masked: bool
    sequences: bool


class _Job(NamedTuple):
    """What one thread keeps for the gradient.

    Attributes:
        rows: `(R,)` in the order of the blocks.
        lengths: `(R,)`.
        offsets: Of the blocks, `(L + 1,)`.
        source: `(S,)`.
        x: Packed, `(S, D)`; empty where words are known.
        kept: What the kind's `forward` returned; h `(R + S, H)` comes first.
    """

    rows: Array
    lengths: Array
    offsets: Array
    source: Array
    x: Array
    kept: tuple[Array, ...]


class _Taken(NamedTuple):
    """The input of one thread's rows as the loops take it; see `compiled.inputs`.

    Attributes:
        x: Packed, `(S, D)`; `(0, D)` where words are known.
        words: Their products, `(N, W)`.
        places: Of the packed steps, `(S,)`, or `(0,)`.
        column: Where those of the direction's kernel begin.
    """

    x: Array
    words: Array = _NONE
    places: Array = _NOWHERE
    column: int = 0


class _Source(NamedTuple):
    """What a direction reads: x `(B T, D)`, or what is known of its words."""

    x: Array
    words: Known | None
    column: int

    def taken(self, steps: Array) -> _Taken:
        """That of packed steps, which are these of x."""
        if self.words is None:
            return _Taken(packing.pack(self.x, steps))
        return _Taken(self.x[:0], self.words.products, self.words.places[steps], self.column)


class _How(NamedTuple):
    """The switches of a direction, how many tensors it brings, whether a gradient will be asked for, and whether the
    answers of all directions stand side by side, at each step of the text."""

    kind: str
    backwards: bool
    zero_masked: bool
    sequences: bool
    states: int
    keep: bool
    joined: bool


class _Answer(NamedTuple):
    """Outputs of a direction from a column on, its states, and what its gradient would need."""

    outputs: Array
    column: int
    states: list[Array]
    jobs: list[_Job]


def run(directions: Sequence[Direction], x: Any, mask: Any) -> list[tuple[Any, list[Any]]]:
    """Of each direction the outputs `(B, T, H)` in the order of reading, or `(B, 1, H)` of the last step read, and the
    states after each row's last valid step.

    Args:
        directions: What reads `x`; all of them at once.
        x: `(B, T, D)` float32 on the CPU.
        mask: `(B, T)` bool; None when every step is valid.
    """
    found = iter(_run(directions, x, mask, False))
    outputs = [next(found) for _ in directions]
    return [(y, [next(found) for _ in one.initial]) for y, one in zip(outputs, directions, strict=True)]


def run_joined(directions: Sequence[Direction], x: Any, mask: Any) -> Any:
    """The outputs of all directions side by side, at each step of the text, `(B, T, H + H' ...)`; of the last step that
    each has read `(B, 1, H + H' ...)`. All want sequences, or none does.

    Arguments as of `run`.
    """
    return _run(directions, x, mask, True)[0]


def _run(directions: Sequence[Direction], x: Any, mask: Any, joined: bool) -> Sequence[Any]:
    """Outputs, one of all where they are joined, and then the states of each direction."""
    if mask is None:
        mask = torch.ones(x.shape[:2], dtype=torch.bool)
    tensors = [tensor for one in directions for tensor in (*one.weights, *one.initial)]
    keep = torch.is_grad_enabled() and any(t.requires_grad for t in (x, *tensors))
    hows = [_How(one.kind, *one[3:], len(one.initial), keep, joined) for one in directions]
    if keep:
        found: Sequence[Any] = _Layer.apply(hows, mask, x, *tensors)
        return found
    words = known_words(x, [one.weights[0] for one in directions])
    return _tensors(_answers(hows, words, *_arrays(mask, x, *tensors)), joined)


def _tensors(answers: list[_Answer], joined: bool) -> tuple[Any, ...]:
    outputs = [answer.outputs for answer in (answers[:1] if joined else answers)]
    states = [state for answer in answers for state in answer.states]
    return tuple(torch.from_numpy(array) for array in (*outputs, *states))


def _arrays(*tensors: Any) -> list[Array]:
    return [t.detach().contiguous().numpy() for t in tensors]


def _dealt(hows: Sequence[_How], given: Sequence[Any]) -> list[list[Any]]:
    """Weights and states of each direction."""
    rest = iter(given)
    return [[next(rest) for _ in range(3 + how.states)] for how in hows]


def _answers(hows: Sequence[_How], words: Known | None, valid: Array, x: Array, *given: Array) -> list[_Answer]:
    """What each direction says; of known words instead of x."""
    batch, time, features = x.shape
    flat = x.reshape(-1, features)
    parts = parts_of(batch, len(hows))
    dealt = _dealt(hows, given)
    units = [tensors[1].shape[0] for tensors in dealt]
    answers: list[_Answer] = []
    jobs, column = [], 0
    for how, tensors in zip(hows, dealt, strict=True):
        if not answers or not how.joined:
            wide = sum(units) if how.joined else units[len(answers)]
            outputs = np.empty((batch, time if how.sequences else 1, wide), dtype=np.float32)
        begin = sum(units[: len(answers)]) if how.joined else 0
        answers.append(_Answer(outputs, begin, [np.empty_like(start) for start in tensors[3:]], []))
        source = _Source(flat, words, column)
        jobs += [functools.partial(_read, how, source, valid, tensors, answers[-1], n, parts) for n in range(parts)]
        column += tensors[0].shape[1]
    for place, job in enumerate(together(jobs)):
        answers[place // parts].jobs.append(job)
    return answers


def _read(
    how: _How, given: _Source, valid: Array, tensors: list[Array], answer: _Answer, first: int, stride: int
) -> _Job:
    """The rows `first`, `first + stride` ... of one direction."""
    rows, lengths, offsets, source = packing.order(valid, first, stride, how.backwards)
    begin = [start[rows] for start in tensors[3:]]
    taken = given.taken(source)
    kept = _forward(how.kind, taken, offsets, tensors[:3], begin, how.keep)
    answers = kept[0][len(rows) :]
    where = (answer.outputs, answer.column, how.joined)
    packing.gather(answers, offsets, rows, valid, how.backwards, how.zero_masked, *where)
    for state, values, start in zip(answer.states, kept, begin, strict=False):
        packing.last(values[len(rows) :], offsets, rows, lengths, start, state)
    return _Job(rows, lengths, offsets, source, taken.x, kept)


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hows: list[_How], mask: Any, x: Any, *tensors: Any) -> Any:
        valid, *rest = _arrays(mask, x, *tensors)
        answers = _answers(hows, None, valid, *rest)
        ctx.hows, ctx.jobs, ctx.valid, ctx.shape, ctx.again = hows, [a.jobs for a in answers], valid, x.shape, False
        ctx.save_for_backward(*(weight for some in _dealt(hows, tensors) for weight in some[:3]))
        ctx.set_materialize_grads(False)
        return _tensors(answers, hows[0].joined)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Any) -> Any:
        weights = iter(_arrays(*ctx.saved_tensors))
        handed = [None if d is None else _arrays(d)[0] for d in gradients]
        joined = ctx.hows[0].joined
        outputs = handed[:1] * len(ctx.hows) if joined else handed[: len(ctx.hows)]
        states = iter(handed[1 if joined else len(ctx.hows) :])
        reads, jobs, column = [], [], 0
        for how, parts, dy in zip(ctx.hows, ctx.jobs, outputs, strict=True):
            given = [dy, *(next(states) for _ in range(how.states))]
            reads.append(_Reading(how, [next(weights) for _ in range(3)], given, column, ctx))
            column += reads[-1].weights[1].shape[0] if joined else 0
            jobs += [functools.partial(reads[-1].back, job) for job in parts]
        done = iter(together(jobs))
        found: list[Any] = []
        for read, parts in zip(reads, ctx.jobs, strict=True):
            sums = zip(*(next(done) for _ in parts), strict=True)
            found += [*(functools.reduce(np.add, some) for some in sums), *read.dinitial]
        ctx.again = True
        inputs = [read.dx for read in reads if read.dx is not None]
        dx = torch.from_numpy(sum(inputs[1:], inputs[0]).reshape(ctx.shape)) if inputs else None
        return None, None, dx, *map(torch.from_numpy, found)


class _Reading:
    """The gradient of one direction, of which each thread writes its rows."""

    def __init__(self, how: _How, weights: list[Array], handed: list[Array | None], column: int, ctx: Any) -> None:
        batch, time, features = ctx.shape
        units = weights[1].shape[0]
        self.how, self.weights, self.handed, self.column = how, weights, handed, column
        self.valid, self.again = ctx.valid, ctx.again
        self.dx = np.zeros((batch * time, features), dtype=np.float32) if ctx.needs_input_grad[2] else None
        self.dinitial = [np.empty((batch, units), dtype=np.float32) for _ in range(how.states)]

    def back(self, job: _Job) -> list[Array]:
        """Gradients of the weights, as far as the rows of `job` say."""
        how, rows, handed = self.how, job.rows, self.handed
        if self.again:  # a retained graph: the gates were overwritten the first time
            begin = [values[: len(rows)] for values in job.kept[: how.states]]
            job = job._replace(kept=_forward(how.kind, _Taken(job.x), job.offsets, self.weights, begin, True))
        units = self.weights[1].shape[0]
        d = np.zeros((len(job.x), units), dtype=np.float32)
        starts = [np.zeros((len(rows), units), dtype=np.float32) for _ in range(how.states)]
        if handed[0] is not None:
            where = (d, self.column, how.joined)
            packing.gather_gradient(handed[0], job.offsets, rows, self.valid, how.backwards, how.zero_masked, *where)
        if handed[1] is not None:
            packing.last_gradient(handed[1], job.offsets, rows, job.lengths, d, starts[0])
        if len(handed) > 2 and handed[2] is not None:
            starts[1] = handed[2][rows]
        kernel, recurrent, _ = self.weights
        dx, *dweights, dstart = _backward(how.kind, job, kernel, recurrent, d, starts[1:], self.dx is not None)
        if self.dx is not None:
            self.dx[job.source] = dx
        starts[0] += dstart
        for into, start in zip(self.dinitial, starts, strict=True):
            into[rows] = start
        return dweights


def _forward(
    kind: str, taken: _Taken, offsets: Array, weights: list[Array], start: list[Array], keep: bool
) -> tuple[Array, ...]:
    blas = find_blas()
    few, many = blas.few, blas.many
    span = max(len(offsets), 1) if keep else SPAN
    if kind == "lstm":
        return tuple(lstm.forward(few, many, *taken, offsets, *weights, *start, span))
    if kind.startswith("gru"):
        kernel, recurrent, bias = weights
        after = kind == "gru"
        both = bias if after else np.stack([bias, np.zeros_like(bias)])
        return tuple(gru.forward(few, many, *taken, offsets, kernel, recurrent, both, *start, after, span))
    return (simple_rnn.forward(few, many, *taken, offsets, *weights, *start, kind == "rnn_relu"),)


def _backward(
    kind: str, job: _Job, kernel: Array, recurrent: Array, d: Array, memory: list[Array], input_too: bool
) -> list[Array]:
    """Gradients of the packed x (or None), the kernel, the recurrent kernel, the bias and the first h."""
    blas = find_blas()
    few, many, turned = blas.few, blas.many, blas.turned
    h = job.kept[0]
    began = packing.before(h, job.offsets, len(job.rows))
    if kind == "lstm":
        _, c, gates = job.kept
        dstate = lstm.backward(few, job.offsets, recurrent, c, gates, d, *memory)
    elif kind.startswith("gru"):
        _, gates, inner = job.kept
        dstate = gru.backward(few, job.offsets, recurrent, h, gates, inner, d, kind == "gru")
    else:
        gates = d
        dstate = simple_rnn.backward(few, job.offsets, recurrent, h, d, kind == "rnn_relu")
    wide = gates.shape[1]
    dx = products.to_inputs(many, gates, kernel) if input_too else None
    dkernel = products.to_weights(turned, job.x, gates, 0, wide)
    dbias = products.sums(gates)
    if not kind.startswith("gru"):
        return [dx, dkernel, products.to_weights(turned, began, gates, 0, wide), dbias, dstate]
    two = wide // 3 * 2
    opened = products.to_weights(turned, began, gates, 0, two)
    if kind == "gru":
        candidate = products.to_weights(turned, began, inner, 0, wide - two)
        dbias = np.stack([dbias, np.concatenate([dbias[:two], products.sums(inner)])])
    else:
        candidate = products.to_weights(turned, inner, gates, two, wide)
    return [dx, dkernel, np.concatenate([opened, candidate], 1), dbias, dstate]
