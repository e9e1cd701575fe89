"""Masked sequences by torch's packed kernels: the valid steps alone, time first and the longest rows first.

A packed batch lists, for step after step, the rows that still have one. So nothing is computed for padding, states end
where their row ends, and one call reads both directions. Where the steps stand is worked out on the device; the CPU
must know how many rows there are at each step, and does where it made the batch, see `torch_host`. Nothing here is
CUDA's own: the CPU runs the same calls.
"""

# B batch, T time, L longest row, S valid steps of the batch, D features, H units

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from kerasseq.backend.torch_host import known, once
from kerasseq.backend.torch_native import Answers, native
from kerasseq.backend.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["packed_both", "packed_loop"]

Tensor = Any


class _Packing(NamedTuple):
    """Where the steps of a batch stand when it is packed.

    Attributes:
        sizes: `(L,)` int64 on the CPU: how many rows have a step.
        taken: `(S,)`: which row of x, flattened `(B T)`, each packed row is.
        order: The rows that have steps, the longest first.
        rank: `(B,)`: where each row stands in that order; 0 for a row without steps.
        starts: `(L,)`: the packed row at which a step begins.
        lengths: `(B,)`.
        counted: `(B, T)`: how many valid steps there are up to each.
    """

    sizes: Tensor
    taken: Tensor
    order: Tensor
    rank: Tensor
    starts: Tensor
    lengths: Tensor
    counted: Tensor

    def place(self, step: Tensor) -> Tensor:
        """The packed rows of the steps `(B, T)` of each row, counted from 0; any row for a step that it has not."""
        found = self.starts[step.clamp(0, len(self.starts) - 1)] + self.rank[:, None]
        return found.clamp(max=len(self.taken) - 1)


def packed_loop(
    kind: str,
    x: Tensor,
    mask: Tensor | None,
    weights: Weights,
    initial: list[Tensor],
    *,
    backwards: bool = False,
    zero_masked: bool = False,
    sequences: bool = True,
) -> Answers:
    """Run one direction of one layer; see `torch_kernels.fused_loop`, of whose kinds these are all but one."""
    first = [state[None] for state in initial]
    packing = _packing_of(mask, backwards) if mask is not None else None
    if packing is None:
        steps = x.flip(1) if backwards else x
        y, ended = native(kind, steps.transpose(0, 1), [weights], first)
        outputs = y.transpose(0, 1)
        return Answers(outputs[:, -1], outputs if sequences else outputs[:, -1:], [state[0] for state in ended])
    y, ended = _run(kind, x, packing, [weights], first)
    read = mask.flip(1) if backwards else mask  # type: ignore[union-attr]
    outputs = _spread(y, packing.place(packing.counted - 1), packing.counted, read, zero_masked, sequences)
    states = [_back(state[0], start, packing) for state, start in zip(ended, initial, strict=True)]
    return Answers(outputs[:, -1], outputs, states)


def packed_both(
    kind: str, x: Tensor, mask: Tensor | None, weights: Sequence[Weights], *, zero_masked: bool, sequences: bool
) -> list[Tensor]:
    """The outputs of two layers of one kind and size that read x from states of zero: one forwards, one backwards."""
    batch, units = len(x), weights[0].recurrent.shape[0]
    states = 2 if kind == "lstm" else 1
    packing = _packing_of(mask, False) if mask is not None else None
    if packing is None:
        y, _ = native(kind, x.transpose(0, 1), weights, [x.new_zeros(2, batch, units)] * states)
        one, other = y.transpose(0, 1).split(units, dim=2)
        return [each if sequences else each[:, -1:] for each in (one, other.flip(1))]
    y, _ = _run(kind, x, packing, weights, [x.new_zeros(2, batch, units)] * states)
    one, other = y.split(units, dim=1)
    counted = packing.lengths[:, None] - packing.counted + mask.long()  # type: ignore[union-attr]
    counted = counted.flip(1)  # from the end, in the order of reading
    places = packing.place(packing.counted - 1), packing.place(packing.lengths[:, None] - counted)
    reads = mask, mask.flip(1)  # type: ignore[union-attr]
    return [
        _spread(y, place, seen, read, zero_masked, sequences)
        for y, place, seen, read in zip((one, other), places, (packing.counted, counted), reads, strict=True)
    ]


def _packing_of(mask: Tensor, backwards: bool) -> _Packing | None:
    """How the batch is packed for reading in one direction; None where every step is valid.

    Both directions of one call read what is packed forwards.
    """

    def make() -> _Packing | None:
        numbers = known(mask)
        valid = mask.detach().cpu().numpy() if numbers is None else numbers
        return None if valid.all() else _packed(mask, valid.sum(1), backwards)

    packing: _Packing | None = once(mask, ("packed", backwards), make)
    return packing


def _packed(mask: Tensor, known_lengths: NDArray[Any], backwards: bool) -> _Packing:
    """The packing of a mask `(B, T)`, of which the CPU knows how long each row is."""
    device, (batch, time) = mask.device, mask.shape
    longest, total = int(known_lengths.max()), int(known_lengths.sum())
    steps = torch.arange(batch * time, device=device).view(batch, time)
    if backwards:
        mask, steps = mask.flip(1), steps.flip(1)
    counted = mask.long().cumsum(1)
    lengths = counted[:, -1]
    if not total:  # one step that nobody reads, so that a gradient finds its way, and is zero
        none = torch.zeros_like(lengths)
        return _Packing(torch.ones(1, dtype=torch.int64), none[:1], none[:1], none, none[:1], lengths, counted)
    sizes = (known_lengths > np.arange(longest)[:, None]).sum(1).astype(np.int64)
    rows = int(sizes[0])
    order = lengths.argsort(descending=True, stable=True)[:rows]
    rank = torch.zeros_like(lengths).scatter(0, order, torch.arange(rows, device=device))
    there = (lengths > torch.arange(longest, device=device)[:, None]).sum(1)
    whole = _Packing(
        torch.from_numpy(sizes), steps.new_empty(total), order, rank, there.cumsum(0) - there, lengths, counted
    )
    place = torch.where(mask, whole.place(counted - 1), total)  # what is masked goes behind all the others
    taken = steps.new_empty(total + 1).scatter(0, place.view(-1), steps.reshape(-1))[:total]
    return whole._replace(taken=taken)


def _run(
    kind: str, x: Tensor, packing: _Packing, weights: Sequence[Weights], initial: Sequence[Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """Answers `(S, N H)`, and states `(N, rows, H)`."""
    packed = x.reshape(-1, x.shape[2]).index_select(0, packing.taken)
    first = [state.index_select(1, packing.order) for state in initial]
    return native(kind, packed, weights, first, packing.sizes)


def _spread(y: Tensor, place: Tensor, counted: Tensor, read: Tensor, zero_masked: bool, sequences: bool) -> Tensor:
    """The answers `(B, T, H)` where they were asked for; zeros before a row's first valid step."""
    known_there = read if zero_masked else counted > 0
    if not sequences:
        place, known_there = place[:, -1:], known_there[:, -1:]
    outputs = y.index_select(0, place.reshape(-1)).view(*place.shape, -1)
    return torch.where(known_there[..., None], outputs, outputs.new_zeros(()))


def _back(ended: Tensor, start: Tensor, packing: _Packing) -> Tensor:
    """A state `(rows, H)` behind each row `(B, H)`, which is its first one where the row has no steps."""
    return torch.where(packing.lengths[:, None] > 0, ended.index_select(0, packing.rank), start)
