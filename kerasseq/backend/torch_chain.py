"""The recursions of a linear chain on torch.

Keras's operations, one step after another with their gradients, take as long as the recurrent layers below. Here the
sum over all taggings walks the text from both ends at once, in one loop of matrix products, and its gradient needs no
second one: the products of both walks are the marginals.
"""

# B batch, T time, K tags

from __future__ import annotations

from typing import Any

import torch

from kerasseq.backend.torch_kernels import traced

__all__ = ["best_tags", "log_sum"]

Tensor = Any

_WIDTH = 100.0
"""Nats between the largest and the smallest score up to which no power of float64 vanishes that could still count."""
_IMPOSSIBLE = -5e3
"""A transition below this is one that cannot be; its power is exactly 0."""


def log_sum(scores: Tensor, valid: Tensor, transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """The logarithm of the sum over all taggings, `(B,)`; 0 for a row without valid steps.

    Args:
        scores: `(B, T, K)`, zeros behind the valid steps.
        valid: `(B, T)` bool, True from the front of a row up to its length.
        transitions: `(K, K)`, from the row's tag to the column's.
        start: `(K,)`.
        end: `(K,)`.
    """
    if scores.device.type == "cpu" and not traced(scores) and _narrow(scores, transitions, start, end):
        found = _Walks.apply(scores, valid, transitions, start, end)
        if found.detach().isfinite().all():  # else no tagging at all is possible
            return found
    return _in_logarithms(scores, valid, transitions, start, end)


def best_tags(scores: Tensor, valid: Tensor, transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """The tags of the largest score, `(B, T)` int32; behind the valid steps, the last of them again.

    Args:
        scores: `(B, T, K)`.
        valid: `(B, T)` bool, True from the front of a row up to its length.
        transitions: `(K, K)`, from the row's tag to the column's.
        start: `(K,)`.
        end: `(K,)`.
    """
    with torch.no_grad():
        steps = valid.t()[:, :, None].unbind(0)
        reached, came = start + scores[:, 0], []
        into = transitions.t().contiguous()  # the tag that is reached first: the largest is then found in a row
        for now, some in zip(scores.unbind(1)[1:], steps[1:], strict=True):
            largest, where = (reached[:, None, :] + into).max(dim=2)
            came.append(where)
            reached = torch.where(some, largest + now, reached)
        tag = (reached + end).argmax(dim=1, keepdim=True)  # (B, 1)
        path = [tag]
        for where, some in zip(reversed(came), reversed(steps[1:]), strict=True):
            tag = torch.where(some, where.gather(1, tag), tag)
            path.append(tag)
        return torch.cat(path[::-1], dim=1).to(torch.int32)


def _narrow(scores: Tensor, transitions: Tensor, start: Tensor, end: Tensor) -> bool:
    """Whether the scores lie so close together that their powers can be multiplied."""
    with torch.no_grad():
        widths = [(scores.amax(2) - scores.amin(2)).max()]
        for table in (transitions, start, end):
            possible = torch.where(table > _IMPOSSIBLE, table, table.max())
            widths.append(possible.max() - possible.min())
        return bool(torch.stack(widths).sum() < _WIDTH)


class _Walks(torch.autograd.Function):  # type: ignore[misc]
    """The forward-backward algorithm on powers that are scaled to sum to 1 at each step (Rabiner, 1989)."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor, valid: Tensor, transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
        lengths = valid.sum(1)
        turned = (lengths[:, None] - 1 - torch.arange(valid.shape[1])).clamp(min=0)[:, :, None].expand_as(scores)
        powers, tops = _powers(scores, 2)
        moves, top_move = _powers(transitions, (0, 1))
        starts, top_start = _powers(start, 0)
        ends, top_end = _powers(end, 0)
        both = torch.stack([powers, powers.gather(1, turned)]).permute(2, 0, 1, 3).contiguous()  # (T, 2, B, K)
        sums, walked = _walk(both, torch.stack([starts, ends])[:, None], torch.stack([moves, moves.t()]))
        from_start = torch.where(valid[:, :, None], walked[:, 0].transpose(0, 1), 0.0)  # (B, T, K)
        from_end = torch.where(valid[:, :, None], walked[:, 1].transpose(0, 1).gather(1, turned), 0.0)
        ctx.save_for_backward(valid, moves, starts, from_start, from_end)
        ctx.types = [x.dtype for x in (scores, transitions, start, end)]
        logs = torch.where(valid, sums[:, 0, :, 0].t().log() + tops[:, :, 0], 0.0).sum(1)
        logs += (from_start.gather(1, turned[:, :1])[:, 0] @ ends).log()
        logs += top_start[0] + top_end[0] + (lengths - 1) * top_move[0, 0]
        return torch.where(lengths > 0, logs, 0.0).to(scores.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        valid, moves, starts, from_start, from_end = ctx.saved_tensors
        before = from_start[:, :-1]
        came = torch.cat([starts.expand_as(from_start[:, :1]), before @ moves], 1)  # (B, T, K)
        both = came * from_end
        share = torch.where(valid, gradient.double()[:, None] / both.sum(2), 0.0)[:, :, None]  # (B, T, 1)
        by_score = both * share  # the marginals, where the gradient is 1
        by_move = moves * ((before * share[:, 1:]).flatten(0, 1).t() @ from_end[:, 1:].flatten(0, 1))
        last = valid & ~torch.nn.functional.pad(valid[:, 1:], (0, 1))
        by_end = torch.where(last[:, :, None], by_score, 0.0).sum((0, 1))
        found = (by_score, by_move, by_score[:, 0].sum(0), by_end)
        by_score, *by_chain = (x.to(kind) for x, kind in zip(found, ctx.types, strict=True))
        return by_score, None, *by_chain


def _powers(x: Tensor, axes: int | tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The exponential of `x` less its largest value along some axes, float64, and that value."""
    x = x.double()
    top = x.amax(axes, keepdim=True)
    return torch.where(x > _IMPOSSIBLE, x - top, -torch.inf).exp(), top


def _walk(powers: Tensor, first: Tensor, moves: Tensor) -> tuple[Tensor, Tensor]:
    """Both walks: what they sum to before they are scaled, `(T, 2, B, 1)`, and the scaled powers, `(T, 2, B, K)`."""
    sums, walked = torch.empty_like(powers[..., :1]), torch.empty_like(powers)
    x = first * powers[0]
    later = zip(powers.unbind(0), sums.unbind(0), walked.unbind(0), strict=True)
    for step, (now, total, scaled) in enumerate(later):
        x = torch.bmm(x, moves).mul_(now) if step else x
        torch.sum(x, -1, keepdim=True, out=total)
        x = torch.div(x, total, out=scaled)
    return sums, walked


def _in_logarithms(scores: Tensor, valid: Tensor, transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """The same for scores of any size, on any device."""
    reached = start + scores[:, 0]
    for now, some in zip(scores.unbind(1)[1:], valid.t()[:, :, None].unbind(0)[1:], strict=True):
        moved = torch.logsumexp(reached[:, :, None] + transitions, dim=1) + now
        reached = torch.where(some, moved, reached)
    return torch.where(valid[:, 0], torch.logsumexp(reached + end, dim=1), 0.0)
