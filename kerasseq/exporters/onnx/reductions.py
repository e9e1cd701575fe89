"""Operations of Keras over axes in ONNX: sums and the like, softmax, sorting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kerasseq.exporters.onnx.writer import Tensor, Value, Writer

__all__ = ["REDUCTIONS", "Axes", "axes_of", "moments", "reduce"]

Convert = Callable[..., Any]
Axes = int | Sequence[int] | None


def axes_of(x: Tensor, axis: Axes) -> list[int]:
    """Counted from the front, in order."""
    given = range(len(x.shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    return sorted(int(each) % len(x.shape) for each in given)


def reduce(w: Writer, op: str, name: str, axes: list[int], keepdims: bool) -> str:
    """One of ONNX's reductions; over no axes, the same."""
    if not axes:
        return name
    if op == "ReduceSum":
        return w.node(op, name, w.ints(*axes), keepdims=int(keepdims))
    return w.node(op, name, axes=axes, keepdims=int(keepdims))


def _reduction(op: str) -> Convert:
    def convert(
        w: Writer, out: Tensor, x: Tensor, axis: Axes = None, keepdims: bool = False, initial: Any = None
    ) -> str:
        kind = "int32" if out.kind == "bool" else out.kind
        if x.weighed is not None and op == "ReduceSum" and axes_of(x, axis) == [1]:
            steps, weights = x.weighed
            row = w.node("MatMul", w.node("Transpose", weights, perm=[0, 2, 1]), steps)  # (B, 1, U)
            return row if keepdims else w.squeeze(row, 1)
        found = reduce(w, op, w.get(x, kind), axes_of(x, axis), keepdims)
        if initial is not None:
            found = w.node({"ReduceMax": "Max", "ReduceMin": "Min"}[op], found, w.get(initial, kind))
        return w.cast(found, kind, out.kind)

    return convert


def _truths(op: str) -> Convert:
    def convert(w: Writer, out: Tensor, x: Tensor, axis: Axes = None, keepdims: bool = False) -> str:
        truths = w.cast(w.get(x, "bool"), "bool", "int32")
        return w.cast(reduce(w, op, truths, axes_of(x, axis), keepdims), "int32", "bool")

    return convert


def moments(w: Writer, name: str, axes: list[int], keepdims: bool = True) -> tuple[str, str, str]:
    """Mean and variance, and the numbers less their mean."""
    centred = w.node("Sub", name, reduce(w, "ReduceMean", name, axes, True))
    variance = reduce(w, "ReduceMean", w.node("Mul", centred, centred), axes, keepdims)
    return reduce(w, "ReduceMean", name, axes, keepdims), variance, centred


def _variance(w: Writer, out: Tensor, x: Tensor, axis: Axes = None, keepdims: bool = False) -> str:
    return moments(w, w.get(x, "float32"), axes_of(x, axis), keepdims)[1]


def _deviation(w: Writer, out: Tensor, x: Tensor, axis: Axes = None, keepdims: bool = False) -> str:
    return w.node("Sqrt", _variance(w, out, x, axis, keepdims))


def _moments(
    w: Writer, out: Tensor, x: Tensor, axes: Axes = None, keepdims: bool = False, synchronized: bool = False
) -> list[str]:
    return list(moments(w, w.get(x, "float32"), axes_of(x, axes), keepdims)[:2])


def _range(w: Writer, out: Tensor, x: Tensor, axis: Axes = None, keepdims: bool = False) -> str:
    name, axes = w.get(x, out.kind), axes_of(x, axis)
    return w.node("Sub", *(reduce(w, op, name, axes, keepdims) for op in ("ReduceMax", "ReduceMin")))


def _count(w: Writer, out: Tensor, x: Tensor, axis: Axes = None) -> str:
    return reduce(w, "ReduceSum", w.cast(w.get(x, "bool"), "bool", out.kind), axes_of(x, axis), False)


def _average(w: Writer, out: Tensor, x: Tensor, weights: Tensor | None = None, axis: Axes = None) -> str:
    name, axes = w.get(x, "float32"), axes_of(x, axis)
    if weights is None:
        return reduce(w, "ReduceMean", name, axes, False)
    shares = w.get(weights, "float32")
    if len(weights.shape) != len(x.shape):
        shares = w.unsqueeze(shares, *(a for a in range(len(x.shape)) if a not in axes))
    total = reduce(w, "ReduceSum", w.node("Mul", name, shares), axes, False)
    return w.node("Div", total, reduce(w, "ReduceSum", shares, axes, False))


def _best(op: str) -> Convert:
    def convert(w: Writer, out: Tensor, x: Tensor, axis: int | None = None, keepdims: bool = False) -> str:
        kind = "int32" if x.kind == "bool" else x.kind
        if axis is None:
            place = w.node(op, w.flat(x, kind), axis=0, keepdims=0)
            place = w.node("Reshape", place, w.ints(*(1 for _ in out.shape))) if keepdims else place
        else:
            place = w.node(op, w.get(x, kind), axis=axis, keepdims=int(keepdims))
        return w.cast(place, "int64", out.kind)

    return convert


def _cumsum(w: Writer, out: Tensor, x: Tensor, axis: int | None = None) -> str:
    name = w.flat(x, out.kind) if axis is None else w.get(x, out.kind)
    return w.node("CumSum", name, w.number(axis or 0, "int64"))


def _logsumexp(w: Writer, out: Tensor, x: Tensor, axis: Axes = None, keepdims: bool = False) -> str:
    return reduce(w, "ReduceLogSumExp", w.get(x, "float32"), axes_of(x, axis), keepdims)


def _softmax(w: Writer, out: Tensor, x: Tensor, axis: Axes = -1) -> str:
    if isinstance(axis, int):
        return w.node("Softmax", w.get(x, "float32"), axis=axis)
    name, axes = w.get(x, "float32"), axes_of(x, axis)
    powers = w.node("Exp", w.node("Sub", name, reduce(w, "ReduceMax", name, axes, True)))
    return w.node("Div", powers, reduce(w, "ReduceSum", powers, axes, True))


def _log_softmax(w: Writer, out: Tensor, x: Tensor, axis: Axes = -1) -> str:
    if isinstance(axis, int):
        return w.node("LogSoftmax", w.get(x, "float32"), axis=axis)
    name = w.get(x, "float32")
    return w.node("Sub", name, reduce(w, "ReduceLogSumExp", name, axes_of(x, axis), True))


def _sparsemax(w: Writer, out: Tensor, x: Tensor, axis: int = -1) -> str:
    """As Keras has it: its threshold is of the sum of the running sums, not of the last one."""
    name, axis = w.get(x, "float32"), axis % len(x.shape)
    one = w.number(1, "float32")
    ranked = w.nodes("TopK", name, w.size(name, axis), outputs=2, axis=axis)[0]
    total = w.node("CumSum", ranked, w.number(axis, "int64"))
    ranks = w.node("CumSum", w.node("Expand", one, w.shape(name)), w.number(axis, "int64"))
    among = w.node(
        "Greater", w.node("Sub", ranked, w.node("Div", w.node("Sub", total, one), ranks)), w.number(0, "float32")
    )
    count = reduce(w, "ReduceSum", w.cast(among, "bool", "float32"), [axis], True)
    chosen = reduce(w, "ReduceSum", w.node("Where", among, total, w.number(0, "float32")), [axis], True)
    return w.node("Relu", w.node("Sub", name, w.node("Div", w.node("Sub", chosen, one), count)))


def _top_k(w: Writer, out: Tensor, x: Tensor, k: Value = 1, sorted: bool = True) -> list[str]:
    values, places = w.nodes("TopK", w.get(x, out.kind), w.row([k]), outputs=2)
    return [values, w.cast(places, "int64", "int32")]


def _ranked(w: Writer, x: Tensor, axis: int | None) -> list[str]:
    """From the smallest; of equal ones the first comes first."""
    kind = "int32" if x.kind == "bool" else x.kind
    name = w.flat(x, kind) if axis is None else w.get(x, kind)
    axis = 0 if axis is None else axis % len(x.shape)
    return w.nodes("TopK", name, w.size(name, axis), outputs=2, axis=axis, largest=0)


def _sort(w: Writer, out: Tensor, x: Tensor, axis: int | None = -1) -> str:
    return w.cast(_ranked(w, x, axis)[0], "int32" if x.kind == "bool" else x.kind, out.kind)


def _argsort(w: Writer, out: Tensor, x: Tensor, axis: int | None = -1) -> str:
    return w.cast(_ranked(w, x, axis)[1], "int64", out.kind)


REDUCTIONS: Mapping[str, Convert] = {
    **{name: _reduction(f"Reduce{name}") for name in ("Sum", "Mean", "Max", "Min", "Prod")},
    "Amax": _reduction("ReduceMax"),
    "Amin": _reduction("ReduceMin"),
    "Any": _truths("ReduceMax"),
    "All": _truths("ReduceMin"),
    "Var": _variance,
    "Std": _deviation,
    "Moments": _moments,
    "Ptp": _range,
    "CountNonzero": _count,
    "Average": _average,
    "Argmax": _best("ArgMax"),
    "Argmin": _best("ArgMin"),
    "Cumsum": _cumsum,
    "Logsumexp": _logsumexp,
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
    "Sparsemax": _sparsemax,
    "TopK": _top_k,
    "Sort": _sort,
    "Argsort": _argsort,
}
