"""How probable given tokens are under a softmax over a large vocabulary, as a function that torch can differentiate."""

# N steps, M steps of a block, U features, V vocabulary

from __future__ import annotations

import functools
import threading
from typing import Any

import numpy as np
import torch

from kerasseq.backend.compiled import softmax
from kerasseq.backend.compiled.gemm import find_blas
from kerasseq.backend.compiled.threads import share

__all__ = ["log_probability"]

Array = Any
Tensor = Any

FEW = 64
"""Steps that are not worth another thread: each reads the whole kernel."""


def log_probability(x: Tensor, kernel: Tensor, bias: Tensor, ids: Tensor, block: int, keep: bool) -> Any:
    """Natural logarithm of the probability of each id, and the mean of those of all tokens, `(N,)` both.

    Args:
        x: `(N, U)` float32 on the CPU.
        kernel: `(U, V)`.
        bias: `(V,)`.
        ids: `(N,)` integers in [0, V).
        block: Steps whose scores exist at a time, where they are not kept.
        keep: Whether the powers of all steps are kept for a gradient.
    """
    return _LogProbability.apply(x, kernel, bias, ids, block, keep)


class _LogProbability(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, kernel: Any, bias: Any, ids: Any, block: int, keep: bool) -> Any:
        turned = not kernel.is_contiguous() and kernel.t().is_contiguous()
        arrays = _arrays(x, kernel.t() if turned else kernel, bias, ids)
        steps, size = len(x), len(bias)
        ctx.kept = keep and any(ctx.needs_input_grad)
        ctx.room = _take(steps if ctx.kept else min(block, steps) * _parts(steps), size)
        parts = _run(functools.partial(_forward, arrays, turned, ctx.room), steps)
        own, mean, ctx.sums = (np.concatenate(part) for part in zip(*parts, strict=True))
        ctx.turned, ctx.block = turned, block
        ctx.save_for_backward(x, kernel, bias, ids)
        ctx.set_materialize_grads(False)
        if not ctx.kept:
            _give(ctx)
        return torch.from_numpy(own), torch.from_numpy(mean)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, down: Any, even: Any) -> Any:
        x, kernel, bias, ids = ctx.saved_tensors
        arrays = _arrays(x, kernel.t() if ctx.turned else kernel, bias, ids)
        steps = len(x)
        wanted = [np.zeros(steps, np.float32) if d is None else _arrays(d)[0] for d in (down, even)]
        if ctx.room is None:  # nothing was kept, or a gradient was asked for before, which has overwritten it
            ctx.kept, ctx.room = False, _take(min(ctx.block, steps) * _parts(steps), len(bias))
        back = functools.partial(_backward, arrays, ctx.turned, ctx.room, ctx.kept, ctx.sums, wanted)
        dx, *sums = zip(*_run(back, steps), strict=True)
        dkernel, dbias = (functools.reduce(np.add, part) for part in sums)
        _give(ctx)
        found = [torch.from_numpy(a) for a in (np.concatenate(dx), dkernel.T if ctx.turned else dkernel, dbias)]
        return *found, None, None, None


def _forward(arrays: list[Array], turned: bool, room: Array, part: slice, place: slice) -> Any:
    x, kernel, bias, ids = arrays
    return softmax.forward(find_blas().large, x[part], kernel, turned, bias, ids[part], room[place])


def _backward(
    arrays: list[Array],
    turned: bool,
    room: Array,
    kept: bool,
    sums: Array,
    wanted: list[Array],
    part: slice,
    place: slice,
) -> Any:
    x, kernel, bias, ids = arrays
    down, even = (one[part] for one in wanted)
    blas = find_blas().large
    return softmax.backward(blas, x[part], kernel, turned, bias, ids[part], room[place], kept, sums[part], down, even)


def _run(work: Any, steps: int) -> list[Any]:
    """What `work` gives of each part of the steps: those, and the rows of the room that are its own."""
    room = len(work.args[2])

    def job(number: int, parts: int) -> Any:
        def share_of(total: int) -> slice:
            return slice(total * number // parts, total * (number + 1) // parts)

        return work(share_of(steps), share_of(room))

    return share(job, steps, _parts(steps))


def _parts(steps: int) -> int:
    threads: int = torch.get_num_threads()
    return max(1, min(threads, steps // FEW))


def _arrays(*tensors: Any) -> list[Array]:
    return [t.detach().contiguous().numpy() for t in tensors]


_FREE: list[Array] = []
"""Room of batches that are done: the system takes a fifth of the time for memory that is new each time."""
_LOCK = threading.Lock()


def _take(rows: int, columns: int) -> Array:
    """Room `(rows, columns)`, as it is."""
    with _LOCK:
        base = _FREE.pop() if _FREE else None
    rows = max(rows, 1)
    if base is None or base.size < rows * columns:
        base = np.empty(rows * columns, dtype=np.float32)
    return base[: rows * columns].reshape(rows, columns)


def _give(ctx: Any) -> None:
    """The room is free again."""
    base, ctx.room = ctx.room.base, None
    with _LOCK:
        if not _FREE:
            _FREE.append(base)
