"""SimpleRNN and GRU on torch, step by step, with the gradient written out.

oneDNN has no path for these two in torch, and what torch runs instead multiplies for every step's share of the weight
gradient and starts a dozen small operations a step. Here the inputs of all steps are projected by one multiplication,
a step works in place on gates that lie plane by plane, and the weight gradients are one multiplication over all steps.
Equations as in Keras: SimpleRNN (Elman, 1990), GRU with the reset gate after (Cho et al., 2014, v3) or before (v1) the
recurrent multiplication. A state of zeros is passed as such; there are no masks here.
"""

# T time, B batch, D features, H units

from __future__ import annotations

from typing import Any

import torch

__all__ = ["gru", "gru_reset_before", "simple_rnn"]

Tensor = Any


def simple_rnn(x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, state: Tensor, relu: bool = False) -> Tensor:
    """All answers `(T, B, H)` of `h' = tanh(x W + h R + b)`, or of its relu.

    Args:
        x: `(T, B, D)`, contiguous.
        kernel: W, `(D, H)`.
        recurrent: R, `(H, H)`.
        bias: b, `(H,)`.
        state: h before the first step, `(B, H)`.
        relu: Use relu in place of tanh.
    """
    return _SimpleRNN.apply(x, kernel, recurrent, bias, state, relu)


def gru(x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, state: Tensor) -> Tensor:
    """All answers `(T, B, H)` of a GRU that resets after the multiplication: `n = tanh(x W + b + r (h R + c))`.

    Args:
        x: `(T, B, D)`, contiguous.
        kernel: W, `(D, 3 H)`, gates z, r, n.
        recurrent: R, `(H, 3 H)`.
        bias: b and c, `(2, 3 H)`.
        state: h before the first step, `(B, H)`.
    """
    return _GRU.apply(x, kernel, recurrent, bias, state)


def gru_reset_before(x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, state: Tensor) -> Tensor:
    """All answers `(T, B, H)` of a GRU that resets before the multiplication: `n = tanh(x W + b + (r h) R)`.

    Arguments as for `gru`, but one bias `(3 H,)`.
    """
    return _GRUResetBefore.apply(x, kernel, recurrent, bias, state)


def _project(x: Tensor, kernel: Tensor, bias: Tensor, into: Tensor) -> None:
    """Write `x W + b` of all steps, `(T, B, H)`."""
    torch.addmm(bias, x.view(-1, x.shape[2]), kernel, out=into.view(-1, into.shape[2]))


def _answers(x: Tensor, state: Tensor) -> Tensor:
    """Room for the state and the answers after it, `(T + 1, B, H)`."""
    y = x.new_empty(x.shape[0] + 1, *state.shape)
    y[0] = state
    return y


class _SimpleRNN(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, kernel: Any, recurrent: Any, bias: Any, state: Any, relu: bool) -> Any:
        y = _answers(x, state)
        _project(x, kernel, bias, y[1:])
        h = state
        activate = torch.relu_ if relu else torch.tanh_
        for step in y[1:].unbind(0):
            h = activate(step.addmm_(h, recurrent))
        ctx.relu = relu
        ctx.save_for_backward(x, kernel, recurrent, y)
        return y[1:]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, dy: Any) -> Any:
        x, kernel, recurrent, y = ctx.saved_tensors
        slope = (y[1:] > 0).to(y.dtype) if ctx.relu else 1 - y[1:].square()
        d = dy.clone(memory_format=torch.contiguous_format)  # becomes the gradient before the activation
        back = recurrent.t()
        steps, slopes = d.unbind(0), slope.unbind(0)
        after = steps[-1].mul_(slopes[-1])
        for step, s in zip(steps[-2::-1], slopes[-2::-1], strict=True):
            after = step.addmm_(after, back).mul_(s)
        flat = d.view(-1, d.shape[2])
        dx = (flat @ kernel.t()).view_as(x) if ctx.needs_input_grad[0] else None
        dstate = after @ back if ctx.needs_input_grad[4] else None
        return dx, x.view(-1, x.shape[2]).t() @ flat, _flat(y[:-1]).t() @ flat, flat.sum(0), dstate, None


class _GRU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, kernel: Any, recurrent: Any, bias: Any, state: Any) -> Any:
        time, (rows, units) = x.shape[0], state.shape
        gates = x.new_empty(3, time, rows, units)  # z, r, and q = h R + c of the candidate
        candidate = x.new_empty(time, rows, units)
        y = _answers(x, state)
        inner, outer = bias.unbind(0)
        both = (inner + outer).split(units)
        weights = kernel.split(units, 1)
        for gate in (0, 1):
            _project(x, weights[gate], both[gate], gates[gate])
        _project(x, weights[2], inner[2 * units :], candidate)
        gates[2] = outer[2 * units :]
        planes = recurrent.view(units, 3, units).transpose(0, 1).contiguous()
        h = state
        steps = (gates, gates[:2], *gates)
        for g, zr, z, r, q, n, after in zip(
            *(s.unbind(s.dim() - 3) for s in steps), candidate.unbind(0), y[1:].unbind(0), strict=True
        ):
            g.baddbmm_(h.expand(3, -1, -1), planes)
            zr.sigmoid_()
            n.addcmul_(r, q).tanh_()
            h = torch.lerp(n, h, z, out=after)
        ctx.save_for_backward(x, kernel, recurrent, gates, candidate, y)
        return y[1:]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, dy: Any) -> Any:
        x, kernel, recurrent, (z, r, q), n, y = ctx.saved_tensors
        units = y.shape[2]
        before = y[:-1]
        # d holds what dh is multiplied by, then the gradients before the activations of n, z, r and of q
        d = x.new_empty(*n.shape[:2], 4, units)
        dn, dz, dr, dq = d.unbind(2)
        torch.mul(1 - z, 1 - n.square(), out=dn)
        torch.mul((before - n).mul_(z), 1 - z, out=dz)
        torch.mul(dn, r, out=dq)
        torch.mul((1 - r).mul_(q), dq, out=dr)
        wide = d.flatten(2)
        dh = dy.clone(memory_format=torch.contiguous_format)
        back = recurrent.t()
        carried = dh[0].new_zeros(dh[0].shape)
        steps = list(zip(dh.unbind(0), z.unbind(0), d.unbind(0), wide[..., units:].unbind(0), strict=True))
        for i in range(len(steps) - 1, -1, -1):
            now, update, gates, to_h = steps[i]
            gates.mul_(now[:, None])
            earlier = steps[i - 1][0] if i else carried
            earlier.addcmul_(now, update).addmm_(to_h, back)
        flat = wide.view(-1, 4 * units)
        to_x, to_h = flat[:, : 3 * units], flat[:, units:]
        dx = (to_x @ kernel.roll(units, 1).t()).view_as(x) if ctx.needs_input_grad[0] else None
        dkernel = (x.view(-1, x.shape[2]).t() @ to_x).roll(-units, 1)
        dbias = torch.stack([to_x.sum(0).roll(-units), to_h.sum(0)])
        return dx, dkernel, _flat(before).t() @ to_h, dbias, carried


class _GRUResetBefore(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, kernel: Any, recurrent: Any, bias: Any, state: Any) -> Any:
        time, (rows, units) = x.shape[0], state.shape
        gates = x.new_empty(2, time, rows, units)  # z, r
        candidate = x.new_empty(time, rows, units)
        reset = torch.empty_like(candidate)  # r h
        y = _answers(x, state)
        for part, weight, shift in zip((*gates, candidate), kernel.split(units, 1), bias.split(units), strict=True):
            _project(x, weight, shift, part)
        planes = recurrent[:, : 2 * units].view(units, 2, units).transpose(0, 1).contiguous()
        inner = recurrent[:, 2 * units :]
        h = state
        over_time = (gates.unbind(1), *(s.unbind(0) for s in (*gates, candidate, reset, y[1:])))
        for zr, z, r, n, rh, after in zip(*over_time, strict=True):
            zr.baddbmm_(h.expand(2, -1, -1), planes).sigmoid_()
            n.addmm_(torch.mul(r, h, out=rh), inner).tanh_()
            h = torch.lerp(n, h, z, out=after)
        ctx.save_for_backward(x, kernel, recurrent, gates, candidate, reset, y)
        return y[1:]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, dy: Any) -> Any:
        x, kernel, recurrent, (z, r), n, reset, y = ctx.saved_tensors
        units = y.shape[2]
        before = y[:-1]
        # d holds what dh (for r: the gradient of r h) is multiplied by, then the gradients before the activations
        d = x.new_empty(*n.shape[:2], 3, units)
        torch.mul((before - n).mul_(z), 1 - z, out=d[:, :, 0])
        torch.mul((1 - r).mul_(r), before, out=d[:, :, 1])
        torch.mul(1 - z, 1 - n.square(), out=d[:, :, 2])
        wide = d.flatten(2)
        dh = dy.clone(memory_format=torch.contiguous_format)
        back = recurrent.t()
        carried = dh[0].new_zeros(dh[0].shape)
        over_time = (dh, z, r, d[:, :, 0], d[:, :, 1], d[:, :, 2], wide[..., : 2 * units])
        steps = list(zip(*(s.unbind(0) for s in over_time), strict=True))
        for i in range(len(steps) - 1, -1, -1):
            now, update, opened, dz, dr, dn, zr = steps[i]
            dz.mul_(now)
            through = dn.mul_(now) @ back[2 * units :]
            dr.mul_(through)
            earlier = steps[i - 1][0] if i else carried
            earlier.addcmul_(now, update).addcmul_(through, opened).addmm_(zr, back[: 2 * units])
        flat = wide.view(-1, 3 * units)
        dx = (flat @ kernel.t()).view_as(x) if ctx.needs_input_grad[0] else None
        outer = _flat(before).t() @ flat[:, : 2 * units]
        inner = _flat(reset).t() @ flat[:, 2 * units :]
        return dx, x.view(-1, x.shape[2]).t() @ flat, torch.cat([outer, inner], 1), flat.sum(0), carried


def _flat(steps: Tensor) -> Tensor:
    return steps.reshape(-1, steps.shape[2])
