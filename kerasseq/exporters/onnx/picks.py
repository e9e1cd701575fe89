"""Operations of Keras that pick numbers by their places, in ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasseq.exporters.onnx.writer import FIRST, LAST, Tensor, Value, Writer
from kerasseq.exporters.tracing.operations import Item
from kerasseq.onnx_graph.graph import Inexpressible

__all__ = ["PICKS"]

Convert = Callable[..., Any]


def _item(w: Writer, out: Tensor, x: Tensor, *parts: Any) -> str:
    """Slices first, then single places from the last axis to the first, then new axes."""
    keys, name = Item.keys(parts), w.get(x, out.kind)
    along = list(enumerate(key for key in keys if key is not None))
    name = _cut(w, name, [(axis, key) for axis, key in along if isinstance(key, slice) and key != slice(None)])
    for axis, key in reversed(along):
        if not isinstance(key, slice):
            name = w.node("Gather", name, w.get(key, "int64"), axis=axis)
    place, new = 0, []
    for key in keys:
        if key is None:
            new.append(place)
        place += len(key.shape) if isinstance(key, Tensor) else int(key is None or isinstance(key, slice))
    return w.unsqueeze(name, *new)


def _cut(w: Writer, name: str, cuts: list[tuple[int, slice]]) -> str:
    if not cuts:
        return name
    steps = [1 if cut.step is None else cut.step for _, cut in cuts]
    if any(isinstance(step, Tensor) for step in steps):
        raise Inexpressible("it must know the step of a slice before use")
    ends = [(FIRST, LAST) if step < 0 else (LAST, 0) for step in steps]
    starts = [e[1] if c.start is None else c.start for (_, c), e in zip(cuts, ends, strict=True)]
    stops = [e[0] if c.stop is None else c.stop for (_, c), e in zip(cuts, ends, strict=True)]
    axes = w.ints(*(axis for axis, _ in cuts))
    found = w.node("Slice", name, w.row(starts), w.row(stops), axes, w.row(steps))
    if name in w.finite:
        w.finite.add(found)
    return found


def _slice(w: Writer, out: Tensor, inputs: Tensor, start_indices: Any, shape: Sequence[Value]) -> str:
    starts, sizes = _entries(w, start_indices, len(shape)), w.row(list(shape))
    open_end = w.node("Less", sizes, w.ints(0))
    stops = w.node("Where", open_end, w.ints(LAST), w.node("Add", starts, sizes))
    return w.node("Slice", w.get(inputs, out.kind), starts, stops, w.ints(*range(len(shape))))


def _entries(w: Writer, values: Any, number: int) -> str:
    return w.get(values, "int64") if isinstance(values, Tensor) else w.row(list(values))


def _take(w: Writer, out: Tensor, x: Tensor, indices: Value, axis: int | None = None) -> str:
    name = w.flat(x, out.kind) if axis is None else w.get(x, out.kind)
    return w.node("Gather", name, _places(w, indices), axis=axis or 0)


def _places(w: Writer, indices: Value) -> str:
    kind = indices.kind if isinstance(indices, Tensor) and indices.value is None else "int64"
    return w.get(indices, kind if kind in ("int32", "int64") else "int64")


def _take_along_axis(w: Writer, out: Tensor, x: Tensor, indices: Tensor, axis: int | None = None) -> str:
    if axis is None:
        return w.node("GatherElements", w.flat(x, out.kind), w.flat(indices, "int64"), axis=0)
    axis %= len(x.shape)
    name, places = w.get(x, out.kind), _places(w, indices)
    pairs = [pair for n, pair in enumerate(zip(x.shape, indices.shape, strict=True)) if n != axis]
    if any(a != b for a, b in pairs):  # what is 1 on a side is there as often as on the other
        ones = [1 if n == axis else size for n, size in enumerate(x.shape)]
        others = [1 if n == axis else size for n, size in enumerate(indices.shape)]
        row_x = w.row([1 if n == axis else w.own(name, n, size) for n, size in enumerate(ones)])
        row_i = w.row([1 if n == axis else w.own(places, n, size) for n, size in enumerate(others)])
        name, places = w.node("Expand", name, row_i), w.node("Expand", places, row_x)
    return w.node("GatherElements", name, places, axis=axis)


def _flip(w: Writer, out: Tensor, x: Tensor, axis: int | Sequence[int] | None = None) -> str:
    axes = range(len(x.shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    return _cut(w, w.get(x, out.kind), [(each % len(x.shape), slice(None, None, -1)) for each in axes])


def _roll(w: Writer, out: Tensor, x: Tensor, shift: Any, axis: Any = None) -> str:
    if axis is None:
        raise Inexpressible("it must be told its axis")
    name = w.get(x, out.kind)
    for step, each in zip(np.atleast_1d(shift).tolist(), np.atleast_1d(axis).tolist(), strict=True):
        place = each % len(x.shape)
        cut = w.node("Mod", w.ints(-int(step)), w.size(name, place), fmod=0)
        parts = (
            w.node("Slice", name, cut, w.ints(LAST), w.ints(place)),
            w.node("Slice", name, w.ints(0), cut, w.ints(place)),
        )
        name = w.node("Concat", *parts, axis=place)
    return name


def _diff(w: Writer, out: Tensor, a: Tensor, n: int = 1, axis: int = -1) -> str:
    name, axis = w.get(a, out.kind), axis % len(a.shape)
    for _ in range(n):
        name = w.node("Sub", w.slice(name, axis, 1, LAST), w.slice(name, axis, 0, -1))
    return name


def _one_hot(w: Writer, out: Tensor, x: Tensor, num_classes: Value, axis: int = -1, sparse: bool = False) -> str:
    """By comparing, so that an id outside gives zeros."""
    place = axis % (len(x.shape) + 1)
    places = w.unsqueeze(w.get(x, "int64"), place)
    if isinstance(num_classes, Tensor):
        every = w.node("Range", w.number(0, "int64"), w.get(num_classes, "int64"), w.number(1, "int64"))
    else:
        every = w.number(np.arange(num_classes), "int64")
    after = len(x.shape) - place
    there = w.node("Equal", places, w.unsqueeze(every, *range(1, after + 1)))
    return w.cast(there, "bool", out.kind)


def _scatter(w: Writer, out: Tensor, indices: Tensor, values: Tensor, shape: Any = ()) -> str:
    zeros = w.node("Expand", w.number(0, out.kind), w.row(list(shape)))
    return w.node("ScatterND", zeros, w.get(indices, "int64"), w.get(values, out.kind), reduction="add")


def _scatter_update(
    w: Writer, out: Tensor, inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None
) -> str:
    names = w.get(inputs, out.kind), w.get(indices, "int64"), w.get(updates, out.kind)
    if reduction not in (None, "add", "mul"):
        raise Inexpressible(f"its reduction must be None, add or mul, got {reduction}")
    return w.node("ScatterND", *names, reduction=reduction or "none")


PICKS: Mapping[str, Convert] = {
    "Item": _item,
    "Slice": _slice,
    "Take": _take,
    "TakeAlongAxis": _take_along_axis,
    "Flip": _flip,
    "Roll": _roll,
    "Diff": _diff,
    "OneHot": _one_hot,
    "Scatter": _scatter,
    "ScatterUpdate": _scatter_update,
}
