"""Activations of Keras in ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from kerasseq.exporters.onnx.writer import Tensor, Value, Writer

__all__ = ["ACTIVATIONS"]

Convert = Callable[..., Any]


def _node(op: str, **attributes: Any) -> Convert:
    return lambda w, out, x: w.node(op, w.get(x, out.kind), **attributes)


def _between(w: Writer, x: Value, low: float, high: float) -> str:
    return w.node("Clip", w.get(x, "float32"), w.number(low, "float32"), w.number(high, "float32"))


def _silu(w: Writer, out: Tensor, x: Value) -> str:
    name = w.get(x, "float32")
    return w.node("Mul", name, w.node("Sigmoid", name))


def _gelu(w: Writer, out: Tensor, x: Value, approximate: bool = True) -> str:
    name, one, half = w.get(x, "float32"), w.number(1, "float32"), w.number(0.5, "float32")
    if approximate:
        cube = w.node("Mul", w.node("Mul", w.node("Mul", name, name), name), w.number(0.044715, "float32"))
        inner = w.node("Mul", w.node("Add", name, cube), w.number(math.sqrt(2 / math.pi), "float32"))
        share = w.node("Tanh", inner)
    else:
        share = w.node("Erf", w.node("Mul", name, w.number(math.sqrt(0.5), "float32")))
    return w.node("Mul", w.node("Mul", name, half), w.node("Add", share, one))


def _hard_sigmoid(w: Writer, out: Tensor, x: Value) -> str:
    return w.node("HardSigmoid", w.get(x, "float32"), alpha=1 / 6, beta=0.5)


def _hard_silu(w: Writer, out: Tensor, x: Value) -> str:
    return w.node("Mul", w.get(x, "float32"), _hard_sigmoid(w, out, x))


def _log_sigmoid(w: Writer, out: Tensor, x: Value) -> str:
    return w.node("Neg", w.node("Softplus", w.node("Neg", w.get(x, "float32"))))


def _relu(
    w: Writer,
    out: Tensor,
    x: Value,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> str:
    """Keras's activation with all its settings: linear from the threshold on, sloped below."""
    name = w.get(x, "float32")
    if threshold:
        start = w.number(threshold, "float32")
        below = w.node("Mul", w.node("Sub", name, start), w.number(negative_slope, "float32"))
        found = w.node("Where", w.node("GreaterOrEqual", name, start), name, below)
    else:
        found = w.node("LeakyRelu", name, alpha=negative_slope) if negative_slope else w.node("Relu", name)
    return found if max_value is None else w.node("Min", found, w.number(max_value, "float32"))


def _mish(w: Writer, out: Tensor, x: Value) -> str:
    name = w.get(x, "float32")
    return w.node("Mul", name, w.node("Tanh", w.node("Softplus", name)))


def _glu(w: Writer, out: Tensor, x: Tensor, axis: int = -1) -> str:
    one, other = w.nodes("Split", w.get(x, "float32"), outputs=2, axis=axis)
    return w.node("Mul", one, w.node("Sigmoid", other))


def _threshold(w: Writer, out: Tensor, x: Value, threshold: float, default_value: float) -> str:
    name = w.get(x, out.kind)
    return w.node(
        "Where", w.node("Greater", name, w.number(threshold, out.kind)), name, w.number(default_value, out.kind)
    )


def _squareplus(w: Writer, out: Tensor, x: Value, b: float = 4) -> str:
    name = w.get(x, "float32")
    root = w.node("Sqrt", w.node("Add", w.node("Mul", name, name), w.number(b, "float32")))
    return w.node("Mul", w.node("Add", name, root), w.number(0.5, "float32"))


def _sparse_sigmoid(w: Writer, out: Tensor, x: Value) -> str:
    return w.node("HardSigmoid", w.get(x, "float32"), alpha=0.5, beta=0.5)


def _sparse_plus(w: Writer, out: Tensor, x: Value) -> str:
    """0, a quarter of (x + 1)^2 between -1 and 1, then x."""
    name, one = w.get(x, "float32"), w.number(1, "float32")
    inner = w.node("Add", _between(w, x, -1.0, 1.0), one)
    curve = w.node("Mul", w.node("Mul", inner, inner), w.number(0.25, "float32"))
    return w.node("Where", w.node("Less", name, one), curve, name)


def _tanh_shrink(w: Writer, out: Tensor, x: Value) -> str:
    name = w.get(x, "float32")
    return w.node("Sub", name, w.node("Tanh", name))


ACTIVATIONS: Mapping[str, Convert] = {
    **{name: _node(name) for name in "Sigmoid Relu Softplus Softsign Selu".split()},
    "ReLU": _relu,
    "Mish": _mish,
    "Relu6": lambda w, out, x: _between(w, x, 0.0, 6.0),
    "HardTanh": lambda w, out, x: _between(w, x, -1.0, 1.0),
    "HardSigmoid": _hard_sigmoid,
    "HardSilu": _hard_silu,
    "Silu": _silu,
    "Gelu": _gelu,
    "LogSigmoid": _log_sigmoid,
    "LeakyRelu": lambda w, out, x, negative_slope=0.2: w.node("LeakyRelu", w.get(x, "float32"), alpha=negative_slope),
    "Elu": lambda w, out, x, alpha=1.0: w.node("Elu", w.get(x, "float32"), alpha=alpha),
    "Celu": lambda w, out, x, alpha=1.0: w.node("Celu", w.get(x, "float32"), alpha=alpha),
    "Glu": _glu,
    "SoftShrink": lambda w, out, x, threshold=0.5: w.node(
        "Shrink", w.get(x, "float32"), lambd=threshold, bias=threshold
    ),
    "HardShrink": lambda w, out, x, threshold=0.5: w.node("Shrink", w.get(x, "float32"), lambd=threshold, bias=0.0),
    "TanhShrink": _tanh_shrink,
    "Threshold": _threshold,
    "Squareplus": _squareplus,
    "SparseSigmoid": _sparse_sigmoid,
    "SparsePlus": _sparse_plus,
}
