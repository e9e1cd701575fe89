"""Operations of Keras by element in ONNX: arithmetic, comparisons, logic."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasseq.exporters.onnx.writer import Tensor, Value, Writer, common
from kerasseq.onnx_graph.graph import Inexpressible

__all__ = ["ARITHMETIC"]

Convert = Callable[..., Any]


def _unary(op: str, **attributes: Any) -> Convert:
    """One node of the type of the answer."""
    return lambda w, out, x: w.node(op, w.get(x, out.kind), **attributes)


def _same(w: Writer, out: Tensor, x: Value, **settings: Any) -> Any:
    """The same numbers, in the type of the answer; a number that fills a tensor stays one."""
    if isinstance(x, Tensor) and x.fill is not None:
        return Tensor("", out.dtype, out.shape, fill=float(x.fill), like=x.like)
    return w.get(x, out.kind)


def _rounded(op: str) -> Convert:
    """Floor and the like: nothing to do where the answer is whole numbers."""
    return lambda w, out, x: w.node(op, w.get(x, out.kind)) if out.kind == "float32" else w.get(x, out.kind)


def _round(w: Writer, out: Tensor, x: Value, decimals: int = 0) -> str:
    if not decimals:
        return str(_rounded("Round")(w, out, x))
    scale = w.number(10.0**decimals, "float32")
    raised = w.node("Round", w.node("Mul", w.get(x, "float32"), scale))
    return w.cast(w.node("Div", raised, scale), "float32", out.kind)


def _arithmetic(op: str, of_truth: str = "") -> Convert:
    def convert(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
        if out.kind == "bool" and not of_truth:
            raise Inexpressible("it must have numbers, got truth values")
        return w.node(of_truth if out.kind == "bool" else op, *w.together(out.kind, x1, x2))

    return convert


def _multiply(w: Writer, out: Tensor, x1: Value, x2: Value) -> Any:
    return w.weighed(out, x1, x2) or w.weighed(out, x2, x1) or _arithmetic("Mul", "And")(w, out, x1, x2)


def _divide_no_nan(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
    above, below = w.together("float32", x1, x2)
    zero = w.node("Equal", below, w.number(0, "float32"))
    found = w.node("Div", above, w.node("Where", zero, w.number(1, "float32"), below))
    return w.node("Where", zero, w.number(0, "float32"), found)


def _remainder(w: Writer, kind: str, x1: str, x2: str) -> str:
    """With the sign of the divisor, as in Python."""
    if kind != "float32":
        return w.node("Mod", x1, x2, fmod=0)
    rest, zero = w.node("Mod", x1, x2, fmod=1), w.number(0, "float32")
    apart = w.node("Less", w.node("Mul", w.node("Sign", rest), w.node("Sign", x2)), zero)
    return w.node("Where", apart, w.node("Add", rest, x2), rest)


def _mod(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
    return _remainder(w, out.kind, *w.together(out.kind, x1, x2))


def _fmod(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
    return w.node("Mod", *w.together(out.kind, x1, x2), fmod=1)


def _floor_divide(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
    above, below = w.together(out.kind, x1, x2)
    whole = w.node("Div", w.node("Sub", above, _remainder(w, out.kind, above, below)), below)
    return w.node("Round", whole) if out.kind == "float32" else whole


def _power(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
    if x2 == 2 and not isinstance(x2, Tensor):
        x = w.get(x1, out.kind)
        return w.node("Mul", x, x)
    return w.node("Pow", *w.together(out.kind, x1, x2))


def _comparison(op: str, negated: bool = False) -> Convert:
    def convert(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
        kind = common(x1, x2)
        kind = "int32" if kind == "bool" and op != "Equal" else kind
        found = w.node(op, *w.together(kind, x1, x2))
        return w.node("Not", found) if negated else found

    return convert


def _logical(op: str) -> Convert:
    return lambda w, out, x1, x2: w.node(op, *w.together("bool", x1, x2))


def _where(w: Writer, out: Tensor, condition: Value, x1: Value | None = None, x2: Value | None = None) -> Any:
    if x1 is None or x2 is None:
        raise Inexpressible("it must choose between two tensors, without them its shape is not known")
    chosen = w.get(condition, "bool")
    if isinstance(x1, Tensor) and w.get(x1) in w.finite and (x2.fill if isinstance(x2, Tensor) else x2) == 0:
        found = w.weighed(out, x1, condition)
        if found is not None:
            return found
    if out.kind != "bool":
        return w.node("Where", chosen, *w.together(out.kind, x1, x2))
    one, other = w.together("bool", x1, x2)
    return w.node("Or", w.node("And", chosen, one), w.node("And", w.node("Not", chosen), other))


def _clip(w: Writer, out: Tensor, x: Value, x_min: Value | None = None, x_max: Value | None = None) -> str:
    name = w.get(x, out.kind)
    for op, end in (("Max", x_min), ("Min", x_max)):
        name = name if end is None else w.node(op, name, w.get(end, out.kind))
    return name


def _logaddexp(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
    one, other = w.together("float32", x1, x2)
    apart = w.node("Neg", w.node("Abs", w.node("Sub", one, other)))
    return w.node("Add", w.node("Max", one, other), _log1p_of(w, w.node("Exp", apart)))


def _log1p_of(w: Writer, x: str) -> str:
    """To the last bits near 0, where 1 + x loses them (Kahan): `log(u) x / (u - 1)`, u = 1 + x as rounded."""
    one = w.number(1, "float32")
    raised = w.node("Add", x, one)
    added, logarithm = w.node("Sub", raised, one), w.node("Log", raised)
    none = w.node("Equal", added, w.number(0, "float32"))
    near = w.node("Mul", logarithm, w.node("Div", x, w.node("Where", none, one, added)))
    near = w.node("Where", none, x, near)
    return w.node("Where", w.node("Less", x, one), near, logarithm)


def _expm1(w: Writer, out: Tensor, x: Value) -> str:
    """`tanh(x / 2) (exp(x) + 1)`, exact near 0."""
    name = w.get(x, "float32")
    half = w.node("Tanh", w.node("Mul", name, w.number(0.5, "float32")))
    return w.node("Mul", half, w.node("Add", w.node("Exp", name), w.number(1, "float32")))


def _scaled(op: str, factor: float) -> Convert:
    return lambda w, out, x: w.node("Mul", w.node(op, w.get(x, "float32")), w.number(factor, "float32"))


def _times(factor: float) -> Convert:
    return lambda w, out, x: w.node("Mul", w.get(x, "float32"), w.number(factor, "float32"))


def _is_finite(w: Writer, out: Tensor, x: Value) -> str:
    name = w.get(x, "float32")
    return w.node("Not", w.node("Or", w.node("IsNaN", name), w.node("IsInf", name)))


def _nan_to_num(w: Writer, out: Tensor, x: Value, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> str:
    name = w.get(x, out.kind)
    if out.kind != "float32":
        return name
    ends = np.finfo(np.float32)
    swaps = (
        (w.node("IsNaN", name), nan),
        (w.node("IsInf", name, detect_negative=0), ends.max if posinf is None else posinf),
        (w.node("IsInf", name, detect_positive=0), ends.min if neginf is None else neginf),
    )
    for chosen, value in swaps:
        name = w.node("Where", chosen, w.number(value, "float32"), name)
    return name


def _hypot(w: Writer, out: Tensor, x1: Value, x2: Value) -> str:
    squares = (w.node("Mul", name, name) for name in w.together("float32", x1, x2))
    return w.node("Sqrt", w.node("Add", *squares))


def _cube_root(w: Writer, out: Tensor, x: Value) -> str:
    name = w.get(x, "float32")
    return w.node("Mul", w.node("Sign", name), w.node("Pow", w.node("Abs", name), w.number(1 / 3, "float32")))


def _negative(w: Writer, out: Tensor, x: Value) -> str:
    return w.node("Neg", w.get(x, out.kind))


def _square(w: Writer, out: Tensor, x: Value) -> str:
    name = w.get(x, out.kind)
    return w.node("Mul", name, name)


def _absolute(w: Writer, out: Tensor, x: Value) -> str:
    return w.get(x, "bool") if out.kind == "bool" else w.node("Abs", w.get(x, out.kind))


_ONE_NODE = {
    **{name: name for name in "Sin Cos Tan Sinh Cosh Tanh Exp Log Sqrt".split()},
    **{f"Arc{name}": f"A{name}" for name in "sin cos tan sinh cosh tanh".split()},
    "Erf": "Erf",
    "Reciprocal": "Reciprocal",
    "Sign": "Sign",
}

ARITHMETIC: Mapping[str, Convert] = {
    **{name: _unary(op) for name, op in _ONE_NODE.items()},
    **dict.fromkeys(("Cast", "StopGradient", "Copy", "ConvertToTensor", "Array"), _same),
    **{name: _rounded(op) for name, op in (("Floor", "Floor"), ("Ceil", "Ceil"))},
    "Round": _round,
    "Trunc": lambda w, out, x: (
        w.node("Mul", w.node("Sign", w.get(x)), w.node("Floor", w.node("Abs", w.get(x))))
        if out.kind == "float32"
        else w.get(x, out.kind)
    ),
    "Absolute": _absolute,
    "Fabs": _absolute,
    "Negative": _negative,
    "Square": _square,
    "Rsqrt": lambda w, out, x: w.node("Reciprocal", w.node("Sqrt", w.get(x, "float32"))),
    "Cbrt": _cube_root,
    "Exp2": lambda w, out, x: w.node("Pow", w.number(2, "float32"), w.get(x, "float32")),
    "Expm1": _expm1,
    "Log1p": lambda w, out, x: _log1p_of(w, w.get(x, "float32")),
    "Log2": _scaled("Log", 1 / math.log(2)),
    "Log10": _scaled("Log", 1 / math.log(10)),
    "Deg2rad": _times(math.pi / 180),
    "Rad2deg": _times(180 / math.pi),
    "Erfc": lambda w, out, x: w.node("Sub", w.number(1, "float32"), w.node("Erf", w.get(x, "float32"))),
    "Add": _arithmetic("Add", "Or"),
    "Subtract": _arithmetic("Sub"),
    "Multiply": _multiply,
    "Divide": _arithmetic("Div"),
    "TrueDivide": _arithmetic("Div"),
    "DivideNoNan": _divide_no_nan,
    "FloorDivide": _floor_divide,
    "Mod": _mod,
    "Fmod": _fmod,
    "Power": _power,
    "Maximum": _arithmetic("Max", "Or"),
    "Minimum": _arithmetic("Min", "And"),
    "Logaddexp": _logaddexp,
    "Hypot": _hypot,
    "Clip": _clip,
    "Where": _where,
    "Equal": _comparison("Equal"),
    "NotEqual": _comparison("Equal", negated=True),
    "Less": _comparison("Less"),
    "LessEqual": _comparison("LessOrEqual"),
    "Greater": _comparison("Greater"),
    "GreaterEqual": _comparison("GreaterOrEqual"),
    "LogicalAnd": _logical("And"),
    "LogicalOr": _logical("Or"),
    "LogicalXor": _logical("Xor"),
    "LogicalNot": lambda w, out, x: w.node("Not", w.get(x, "bool")),
    "Isnan": lambda w, out, x: w.node("IsNaN", w.get(x, "float32")),
    "Isinf": lambda w, out, x: w.node("IsInf", w.get(x, "float32")),
    "Isfinite": _is_finite,
    "NanToNum": _nan_to_num,
}
