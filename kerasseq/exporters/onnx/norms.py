"""Norms and normalisations of Keras in ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasseq.exporters.onnx.reductions import Axes, axes_of, moments, reduce
from kerasseq.exporters.onnx.writer import Tensor, Writer
from kerasseq.onnx_graph.graph import Inexpressible

__all__ = ["NORMS"]

Convert = Callable[..., Any]
EPSILON = 1e-7
"""Keras's smallest number to divide by, where none is given."""


def norm(w: Writer, name: str, order: Any, axes: list[int], keepdims: bool) -> str:
    """Of vectors along one axis, or of all numbers along several."""
    if order in (None, 2, "fro") and (order != 2 or len(axes) == 1):
        return reduce(w, "ReduceL2", name, axes, keepdims)
    if len(axes) != 1 or isinstance(order, str):
        raise Inexpressible(f"of several axes it must have the norm None or fro, got {order}")
    size = w.node("Abs", name)
    if order in (math.inf, -math.inf):
        return reduce(w, "ReduceMax" if order > 0 else "ReduceMin", size, axes, keepdims)
    if order == 0:
        return reduce(w, "ReduceSum", w.cast(w.cast(name, "float32", "bool"), "bool", "float32"), axes, keepdims)
    if order == 1:
        return reduce(w, "ReduceL1", name, axes, keepdims)
    total = reduce(w, "ReduceSum", w.node("Pow", size, w.number(order, "float32")), axes, keepdims)
    return w.node("Pow", total, w.number(1 / order, "float32"))


def _norm(w: Writer, out: Tensor, x: Tensor, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> str:
    if axis is None and ord is not None and len(x.shape) > 1:
        raise Inexpressible(f"of a whole matrix it must have no ord, got {ord}")
    return norm(w, w.get(x, "float32"), ord, axes_of(x, axis), keepdims)


def _normalize(w: Writer, out: Tensor, x: Tensor, axis: Axes = -1, order: int = 2, epsilon: float | None = None) -> str:
    name, axes, least = w.get(x, "float32"), axes_of(x, axis), EPSILON if epsilon is None else epsilon
    if order != 2:
        return w.node("Div", name, w.node("Max", norm(w, name, order, axes, True), w.number(least, "float32")))
    length = w.node("Sqrt", reduce(w, "ReduceSumSquare", name, axes, True))
    share = w.node("Min", w.node("Reciprocal", length), w.number(1 / least, "float32"))
    return w.node("Mul", name, share)


def _along(w: Writer, value: Tensor, x: Tensor, axes: list[int]) -> str:
    """A weight for each place of some axes, to meet all axes of `x`."""
    name = w.get(value, "float32")
    if len(value.shape) == len(x.shape) or axes == list(range(len(x.shape) - len(axes), len(x.shape))):
        return name
    return w.unsqueeze(name, *(axis for axis in range(len(x.shape)) if axis not in axes))


def _layer_norm(
    w: Writer,
    out: Tensor,
    x: Tensor,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    axis: Axes = -1,
    epsilon: float | None = None,
    rms_scaling: bool = False,
) -> str:
    axes = axes_of(x, axis)
    _, variance, centred = moments(w, w.get(x, "float32"), axes)
    least = w.number(EPSILON if epsilon is None else epsilon, "float32")
    found = w.node(
        "Div", w.get(x, "float32") if rms_scaling else centred, w.node("Sqrt", w.node("Add", variance, least))
    )
    found = found if gamma is None else w.node("Mul", found, _along(w, gamma, x, axes))
    return found if beta is None or rms_scaling else w.node("Add", found, _along(w, beta, x, axes))


def _rms_norm(
    w: Writer, out: Tensor, x: Tensor, scale: Tensor | None = None, axis: Axes = -1, epsilon: float | None = None
) -> str:
    name, axes = w.get(x, "float32"), axes_of(x, axis)
    squares = reduce(w, "ReduceMean", w.node("Mul", name, name), axes, True)
    least = w.number(EPSILON if epsilon is None else epsilon, "float32")
    found = w.node("Div", name, w.node("Sqrt", w.node("Add", squares, least)))
    return found if scale is None else w.node("Mul", found, _along(w, scale, x, axes))


def _batch_norm(
    w: Writer,
    out: Tensor,
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    offset: Tensor | None = None,
    scale: Tensor | None = None,
    axis: Axes = -1,
    epsilon: float = 1e-3,
) -> str:
    """Of statistics and weights, which are constants in use, one scale and one shift."""
    axes = axes_of(x, axis)
    given = [each for each in (mean, variance, offset, scale) if each is not None]
    if all(each.value is not None for each in given):
        factor = (1.0 if scale is None else np.asarray(scale.value)) / np.sqrt(np.asarray(variance.value) + epsilon)
        shift = (0.0 if offset is None else np.asarray(offset.value)) - np.asarray(mean.value) * factor
        factors, shifts = (
            _along(w, Tensor("", "float32", each.shape, value=each), x, axes) for each in (factor, shift)
        )
        return w.node("Add", w.node("Mul", w.get(x, "float32"), factors), shifts)
    middle, spread = (_along(w, each, x, axes) for each in (mean, variance))
    deviation = w.node("Sqrt", w.node("Add", spread, w.number(epsilon, "float32")))
    found = w.node("Div", w.node("Sub", w.get(x, "float32"), middle), deviation)
    found = found if scale is None else w.node("Mul", found, _along(w, scale, x, axes))
    return found if offset is None else w.node("Add", found, _along(w, offset, x, axes))


NORMS: Mapping[str, Convert] = {
    "Norm": _norm,
    "Normalize": _normalize,
    "LayerNorm": _layer_norm,
    "RMSNorm": _rms_norm,
    "BatchNorm": _batch_norm,
}
