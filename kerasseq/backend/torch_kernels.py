"""Fused recurrent kernels for masked sequences on torch, with Keras's semantics.

Keras on torch walks a masked sequence step by step in Python. Kernels know no mask, but a mask only says which steps
exist: move the valid steps of each row to the front (compaction), run the kernel, and read each step's answer where its
newest valid step landed. One formula serves right and left padding, gaps and all-masked rows.
"""

# B batch, T time, L longest row, D features, H units, G gates

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from kerasseq.backend import ahead, torch_loops
from kerasseq.backend.torch_host import known, once
from kerasseq.backend.torch_native import Answers, native, with_bias
from kerasseq.backend.torch_packed import packed_both, packed_loop
from kerasseq.backend.weights import Weights

__all__ = [
    "Answers",
    "Weights",
    "as_mask",
    "compacted",
    "compiled_missing",
    "compiles",
    "compiles_for",
    "fused_both",
    "fused_loop",
    "on_device",
    "reads_both",
    "route",
    "traced",
]

Tensor = Any

CLOSED = 1e4
"""Far enough on the flat side of a sigmoid to give 0 or 1 exactly, in every precision."""

PERSISTENT = {"lstm": 128, "gru": 128, "rnn_tanh": 256, "rnn_relu": 256}
"""Units up to which torch lets cuDNN keep the recurrent weights on the chip over all steps of a training batch that is
not packed (`get_algo` in its `RNN.cpp`). Larger layers gain by packing, smaller ones would lose that."""


class _Compaction(NamedTuple):
    """Where the valid steps of each row are; rows of `(B T)` and `(L B)` tensors, flattened.

    Attributes:
        taken: `(L * B,)`: which row of x each compact row is.
        newest: `(B, T)`: the compact row of the newest valid step; of a row's first one before that.
        lengths: `(B,)`; None where every step is valid.
        known: `(B, T)` bool: there is an answer; None where there is one everywhere.
    """

    taken: Tensor
    newest: Tensor
    lengths: Tensor | None
    known: Tensor | None


def route(kind: str, x: Tensor, mask: Tensor | None, units: int) -> str:
    """Which kernels answer x: the one place that asks on which device it lies.

    Args:
        kind: See `fused_loop`.
        x: `(B, T, D)`.
        mask: `(B, T)` bool or None.
        units: H.

    Returns:
        `"compiled"`: loops by numba, on the CPU alone. `"packed"`: see `torch_packed`; on CUDA, where it is cuDNN and
        the CPU knows the mask. `"compacted"`: the kernels of this module, on every device.
    """
    if compiles_for(x):
        return "compiled"
    if x.device.type == "cpu" or kind not in PERSISTENT:
        return "compacted"
    if mask is None:
        return "packed"  # with nothing to pack: whole rows, and both directions at once
    return "packed" if units > PERSISTENT[kind] and known(mask) is not None else "compacted"


def on_device(kind: str, units: int) -> str:
    """What `route` leads to where not the CPU computes, for people."""
    if kind not in PERSISTENT:
        return "step by step on steps moved together"
    return "cuDNN on packed steps" if units > PERSISTENT[kind] else "cuDNN on steps moved together"


def as_mask(mask: Tensor | None, x: Tensor) -> Tensor | None:
    """The mask of x `(B, T, D)` as `(B, T)` bool; itself where it is that, for by itself it is known on the CPU."""
    if mask is None or (mask.dtype == torch.bool and mask.shape == x.shape[:2]):
        return mask
    return mask.bool().reshape(x.shape[:2])


def traced(x: Tensor) -> bool:
    """Whether `x` has no numbers, or a trace would freeze what is decided by them."""
    return bool(x.device.type == "meta" or torch.jit.is_tracing())


@torch.compiler.disable
def fused_loop(
    kind: str,
    x: Tensor,
    mask: Tensor | None,
    weights: Weights,
    initial: list[Tensor],
    *,
    backwards: bool = False,
    zero_masked: bool = False,
    sequences: bool = True,
    states: bool = True,
) -> Answers:
    """Run one direction of one layer.

    Args:
        kind: `"lstm"`, `"gru"`, `"gru_reset_before"`, `"rnn_tanh"` or `"rnn_relu"`.
        x: `(B, T, D)`.
        mask: `(B, T)` bool, True is valid; None when every step is.
        weights: See there.
        initial: h, and c of an LSTM, `(B, H)` each.
        backwards: Read from the last step to the first.
        zero_masked: Give zeros at masked steps instead of the newest valid answer.
        sequences: Whether all answers are wanted.
        states: Whether c at each row's last valid step is wanted; otherwise the states of an LSTM are h twice.

    Before a row's first valid step the answer is zero.
    """
    way = route(kind, x, mask, initial[0].shape[1])
    if way == "compiled":
        from kerasseq.backend.compiled.layer import Direction, run

        one = Direction(kind, with_bias(kind, weights), initial, backwards, zero_masked, sequences)
        [(outputs, ended)] = run([one], x, mask)
        return Answers(outputs[:, -1], outputs, ended)
    if way == "packed":
        how = {"backwards": backwards, "zero_masked": zero_masked, "sequences": sequences}
        return packed_loop(kind, x, mask, weights, initial, **how)
    how = {"backwards": backwards, "zero_masked": zero_masked, "sequences": sequences, "states": states}
    return compacted(kind, x, mask, weights, initial, **how)


def compacted(
    kind: str,
    x: Tensor,
    mask: Tensor | None,
    weights: Weights,
    initial: list[Tensor],
    *,
    backwards: bool,
    zero_masked: bool,
    sequences: bool,
    states: bool,
) -> Answers:
    """What `fused_loop` gives, by a kernel on the valid steps of each row moved together."""
    batch, units = initial[0].shape
    steps = _compaction_of(x, mask, backwards, zero_masked)
    compact = x.reshape(-1, x.shape[2]).index_select(0, steps.taken).view(-1, batch, x.shape[2])  # (L, B, D)
    exact = states and kind == "lstm" and steps.lengths is not None
    if exact:
        compact, weights = _holding(compact, steps.lengths, weights)
    y, c = _kernel(kind, compact, weights, initial)  # (L, B, H)
    rows = y.reshape(-1, units)
    newest = steps.newest if sequences else steps.newest[:, -1:]
    outputs = rows.index_select(0, newest.reshape(-1)).view(batch, -1, units)
    if steps.known is not None:
        known = steps.known if sequences else steps.known[:, -1:]
        outputs = torch.where(known[..., None], outputs, outputs.new_zeros(()))
    last = outputs[:, -1]
    if not states:
        return Answers(last, outputs, [last] * len(initial))
    if steps.lengths is None:
        return Answers(last, outputs, [y[-1], *c])
    ended = rows.index_select(0, (steps.lengths - 1).clamp(min=0) * batch + torch.arange(batch, device=x.device))
    return Answers(last, outputs, [torch.where(steps.lengths[:, None] > 0, ended, initial[0]), *c])


@torch.compiler.disable
def fused_both(
    kinds: Sequence[str],
    x: Tensor,
    mask: Tensor | None,
    weights: Sequence[Weights],
    *,
    zero_masked: bool,
    sequences: bool,
) -> Tensor:
    """The outputs of two layers that read `x` at the same time from states of zero, one forwards and one backwards:
    side by side at each step of the text, `(B, T, H + H')`; of the last step that each has read, `(B, 1, H + H')`.

    For what `reads_both` says; arguments as of `fused_loop`.
    """
    if route(kinds[0], x, mask, weights[0].recurrent.shape[0]) == "packed":
        y, z = packed_both(kinds[0], x, mask, weights, zero_masked=zero_masked, sequences=sequences)
        return torch.cat([y, z.flip(1)], dim=-1)
    from kerasseq.backend.compiled.layer import Direction, run_joined

    directions = []
    for kind, weight, backwards in zip(kinds, weights, (False, True), strict=True):
        state = x.new_zeros(x.shape[0], weight.recurrent.shape[0])
        initial = [state] * (2 if kind == "lstm" else 1)
        directions.append(Direction(kind, with_bias(kind, weight), initial, backwards, zero_masked, sequences))
    return run_joined(directions, x, mask)


def reads_both(kinds: Sequence[str], x: Tensor, mask: Tensor | None, units: Sequence[int]) -> bool:
    """Whether two layers of these kinds and units read x at the same time, one forwards and one backwards."""
    ways = {route(kind, x, mask, size) for kind, size in zip(kinds, units, strict=True)}
    return ways == {"compiled"} or (ways == {"packed"} and len(set(kinds)) == len(set(units)) == 1)


def compiles() -> bool:
    """Whether there are compiled loops here; they run on float32 on the CPU."""
    return not compiled_missing()


def compiles_for(x: Tensor) -> bool:
    """Whether compiled loops answer `x`; what another process still compiles is waited for."""
    if not (x.dtype == torch.float32 and x.device.type == "cpu" and compiles()):
        return False
    ahead.wait()
    return True


@functools.cache
def compiled_missing() -> str:
    """Why there are no compiled loops; empty when there are."""
    if ahead.switched_off():
        return "KERASSEQ_COMPILED=0"
    try:
        import kerasseq.backend.compiled.layer  # noqa: F401
    except Exception as error:  # numba lags behind new Pythons and NumPys, and says so in many ways
        said = f"numba: {error}".splitlines()[0]
        place = "; NUMBA_CACHE_DIR=FOLDER names one that can be written to" if "no locator available" in said else ""
        return said + place
    return ""


def _compaction_of(x: Tensor, mask: Tensor | None, backwards: bool, zero_masked: bool) -> _Compaction:
    if mask is None:
        return _compaction(x, None, backwards, zero_masked)
    key = ("moved together", backwards, zero_masked)
    found: _Compaction = once(mask, key, lambda: _compaction(x, mask, backwards, zero_masked))
    return found


def _compaction(x: Tensor, mask: Tensor | None, backwards: bool, zero_masked: bool) -> _Compaction:
    batch, time = x.shape[:2]
    rows = torch.arange(batch, device=x.device)
    here = x.device.type == "cpu"  # another device would have to be waited for
    numbers = None if mask is None else known(mask)
    if mask is None or (here and bool(mask.all())) or (numbers is not None and numbers.all()):
        steps = torch.arange(time, device=x.device)
        read = steps.flip(0) if backwards else steps
        return _Compaction((read[:, None] + rows * time).view(-1), steps * batch + rows[:, None], None, None)
    if backwards:
        mask = mask.flip(1)
    seen = mask.long().cumsum(1)  # (B, T): how many valid steps up to here
    lengths = seen[:, -1]
    longest = time
    if here or numbers is not None:
        longest = max(int(lengths.max() if numbers is None else numbers.sum(1).max()), 1)
    order = (~mask).byte().sort(dim=1, stable=True).indices[:, :longest]  # the valid steps first
    read = time - 1 - order if backwards else order
    there = mask if zero_masked else seen > 0
    return _Compaction(
        (read + rows[:, None] * time).t().reshape(-1),
        (seen - 1).clamp(min=0) * batch + rows[:, None],
        lengths,
        None if here and bool(there.all()) else there,
    )


def _holding(x: Tensor, lengths: Tensor, weights: Weights) -> tuple[Tensor, Weights]:
    """One more feature that is 1 after a row's end and there keeps an LSTM's c: input gate shut, forget gate open."""
    units = weights.recurrent.shape[0]
    ended = torch.arange(len(x), device=x.device)[:, None] >= lengths
    hold = weights.kernel.new_zeros(1, 4 * units)
    hold[:, :units] = -CLOSED
    hold[:, units : 2 * units] = CLOSED
    return torch.cat([x, ended[..., None].to(x.dtype)], 2), weights._replace(kernel=torch.cat([weights.kernel, hold]))


def _kernel(kind: str, x: Tensor, weights: Weights, initial: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """All answers `(T, B, H)`, and the last c of an LSTM."""
    kernel, recurrent, bias = with_bias(kind, weights)
    if kind == "gru_reset_before":
        return torch_loops.gru_reset_before(x, kernel, recurrent, bias, initial[0]), []
    if kind != "lstm" and x.device.type == "cpu":
        if kind == "gru":
            return torch_loops.gru(x, kernel, recurrent, bias, initial[0]), []
        return torch_loops.simple_rnn(x, kernel, recurrent, bias, initial[0], relu=kind == "rnn_relu"), []
    y, ended = native(kind, x, [weights], [state[None] for state in initial])
    return y, [state[0] for state in ended[1:]]
