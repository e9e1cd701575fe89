"""Operations of Keras over axes in torch alone: sums and the like, softmax, norms, sorting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

__all__ = ["AXES"]

Tensor = Any
Part = Callable[..., Any]
Axes = int | Sequence[int] | None
EPSILON = 1e-7
"""Keras's smallest number to divide by, where none is given."""


def _axes(x: Tensor, axis: Axes) -> list[int]:
    given = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    return sorted(each % x.ndim for each in given)


def _reduction(function: Callable[[Tensor, list[int], bool], Tensor], real: bool = False) -> Part:
    def call(x: Tensor, axis: Axes = None, keepdims: bool = False) -> Tensor:
        x = x.float() if real and not x.is_floating_point() else x
        axes = _axes(x, axis)
        return function(x, axes, keepdims) if axes else x

    return call


def _end(function: Part, meet: Part) -> Part:
    def call(x: Tensor, axis: Axes = None, keepdims: bool = False, initial: Any = None) -> Tensor:
        found = function(x, dim=_axes(x, axis), keepdim=keepdims) if x.ndim else x
        return found if initial is None else meet(found, torch.scalar_tensor(initial, dtype=found.dtype))

    return call


def _prod(x: Tensor, axes: list[int], keepdims: bool) -> Tensor:
    for axis in reversed(axes):
        x = torch.prod(x, dim=axis, keepdim=keepdims)
    return x


def _best(function: Part) -> Part:
    def call(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
        x = x.int() if x.dtype == torch.bool else x
        return function(x, dim=axis, keepdim=keepdims)

    return call


def _average(x: Tensor, weights: Tensor = None, axis: Axes = None) -> Tensor:
    axes = _axes(x, axis)
    if weights is None:
        return x.mean(axes)
    if weights.ndim != x.ndim:
        weights = weights.reshape([x.shape[n] if n in axes else 1 for n in range(x.ndim)])
    return (x * weights).sum(axes) / weights.sum(axes)


def _cumsum(x: Tensor, axis: int | None = None) -> Tensor:
    return x.reshape(-1).cumsum(0) if axis is None else x.cumsum(axis)


def _softmax(x: Tensor, axis: Axes = -1) -> Tensor:
    if isinstance(axis, int):
        return torch.softmax(x, axis)
    axes = _axes(x, axis)
    powers = torch.exp(x - x.amax(axes, keepdim=True))
    return powers / powers.sum(axes, keepdim=True)


def _log_softmax(x: Tensor, axis: Axes = -1) -> Tensor:
    return x - torch.logsumexp(x, _axes(x, axis), keepdim=True)


def _sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    """As Keras has it: its threshold is of the sum of the running sums, not of the last one."""
    ranked = torch.sort(x, dim=axis, descending=True).values
    total = ranked.cumsum(axis)
    among = ranked - (total - 1) / torch.ones_like(x).cumsum(axis) > 0
    threshold = torch.where(among, total, 0.0).sum(axis, keepdim=True) - 1
    return (x - threshold / among.sum(axis, keepdim=True)).clamp(min=0)


def _norm(x: Tensor, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Tensor:
    x = x.float()
    if isinstance(axis, int) or ord is None or ord == "fro":
        order = 2 if ord in (None, "fro") else ord
        return torch.linalg.vector_norm(x, order, _axes(x, axis), keepdim=keepdims)
    return torch.linalg.norm(x, ord, axis, keepdim=keepdims)


def _normalize(x: Tensor, axis: Axes = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    least = EPSILON if epsilon is None else epsilon
    if order == 2:
        return x * torch.rsqrt((x * x).sum(_axes(x, axis), keepdim=True)).clamp(max=1 / least)
    return x / torch.linalg.vector_norm(x, order, _axes(x, axis), keepdim=True).clamp(min=least)


def _along(weight: Tensor, x: Tensor, axes: list[int]) -> Tensor:
    """A weight for each place of some axes, to meet all axes of `x`."""
    return weight if weight.ndim == x.ndim else weight.reshape([x.shape[n] if n in axes else 1 for n in range(x.ndim)])


def _spread(x: Tensor, axes: list[int]) -> tuple[Tensor, Tensor]:
    """Mean and variance, their axes kept; torch's own warns of a batch without rows."""
    mean = x.mean(axes, keepdim=True)
    return mean, (x - mean).square().mean(axes, keepdim=True)


def _variance(x: Tensor, axes: list[int], kept: bool) -> Tensor:
    found = _spread(x, axes)[1]
    return found if kept else found.squeeze(axes)


def _layer_norm(
    x: Tensor,
    gamma: Tensor = None,
    beta: Tensor = None,
    axis: Axes = -1,
    epsilon: float | None = None,
    rms_scaling: bool = False,
) -> Tensor:
    axes, least = _axes(x, axis), EPSILON if epsilon is None else epsilon
    mean, variance = _spread(x, axes)
    found = (x if rms_scaling else x - mean) * torch.rsqrt(variance + least)
    found = found if gamma is None else found * _along(gamma, x, axes)
    return found if beta is None or rms_scaling else found + _along(beta, x, axes)


def _rms_norm(x: Tensor, scale: Tensor = None, axis: Axes = -1, epsilon: float | None = None) -> Tensor:
    axes, least = _axes(x, axis), EPSILON if epsilon is None else epsilon
    found = x * torch.rsqrt((x * x).mean(axes, keepdim=True) + least)
    return found if scale is None else found * _along(scale, x, axes)


def _batch_norm(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    offset: Tensor = None,
    scale: Tensor = None,
    axis: Axes = -1,
    epsilon: float = 1e-3,
) -> Tensor:
    axes = _axes(x, axis)
    found = (x - _along(mean, x, axes)) * torch.rsqrt(_along(variance, x, axes) + epsilon)
    found = found if scale is None else found * _along(scale, x, axes)
    return found if offset is None else found + _along(offset, x, axes)


def _moments(x: Tensor, axes: Axes = None, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    axes = _axes(x, axes)
    mean, variance = _spread(x.float(), axes)
    return (mean, variance) if keepdims else (mean.squeeze(axes), variance.squeeze(axes))


def _ranked(x: Tensor, axis: int | None) -> Any:
    return torch.sort(x.reshape(-1) if axis is None else x, dim=-1 if axis is None else axis, stable=True)


AXES: Mapping[str, Part] = {
    "Sum": _reduction(lambda x, axes, kept: x.sum(axes, keepdim=kept)),
    "Mean": _reduction(lambda x, axes, kept: x.mean(axes, keepdim=kept), real=True),
    "Prod": _reduction(_prod),
    "Any": _reduction(lambda x, axes, kept: x.bool().any(axes, keepdim=kept)),
    "All": _reduction(lambda x, axes, kept: x.bool().all(axes, keepdim=kept)),
    "Var": _reduction(_variance, real=True),
    "Std": _reduction(lambda *of: _variance(*of).sqrt(), real=True),
    "Logsumexp": _reduction(lambda x, axes, kept: torch.logsumexp(x, axes, keepdim=kept), real=True),
    "Ptp": _reduction(lambda x, axes, kept: x.amax(axes, keepdim=kept) - x.amin(axes, keepdim=kept)),
    "CountNonzero": lambda x, axis=None: x.bool().sum(_axes(x, axis)),
    **dict.fromkeys(("Max", "Amax"), _end(torch.amax, torch.maximum)),
    **dict.fromkeys(("Min", "Amin"), _end(torch.amin, torch.minimum)),
    "Argmax": _best(torch.argmax),
    "Argmin": _best(torch.argmin),
    "Average": _average,
    "Cumsum": _cumsum,
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
    "Sparsemax": _sparsemax,
    "Norm": _norm,
    "Normalize": _normalize,
    "LayerNorm": _layer_norm,
    "RMSNorm": _rms_norm,
    "BatchNorm": _batch_norm,
    "Moments": _moments,
    "TopK": lambda x, k, sorted=True: tuple(torch.topk(x, k)),
    "Sort": lambda x, axis=-1: _ranked(x, axis).values,
    "Argsort": lambda x, axis=-1: _ranked(x, axis).indices,
}
