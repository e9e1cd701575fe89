"""Operations of Keras that move, join, cut, repeat and make numbers, in ONNX; sizes may be known in a run alone."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasseq.exporters.onnx.writer import LAST, Tensor, Value, Writer
from kerasseq.onnx_graph.graph import Inexpressible

__all__ = ["SHAPES"]

Convert = Callable[..., Any]


def _size_of(w: Writer, out: Tensor, x: Tensor, axis: int) -> str:
    name = w.get(x)
    size = w.cast(w.squeeze(w.size(name, axis), 0), "int64", out.kind)
    w.sizes[size] = name, axis
    return size


def _reshape(w: Writer, out: Tensor, x: Tensor, newshape: Value | Sequence[Value]) -> str:
    sizes = newshape if isinstance(newshape, tuple | list) else [newshape]
    return w.reshape(w.get(x, out.kind), list(sizes))


def _ravel(w: Writer, out: Tensor, x: Tensor) -> str:
    return w.flat(x, out.kind)


def _expand_dims(w: Writer, out: Tensor, x: Tensor, axis: int | Sequence[int]) -> str:
    return w.unsqueeze(w.get(x, out.kind), *([axis] if isinstance(axis, int) else axis))


def _squeeze(w: Writer, out: Tensor, x: Tensor, axis: int | Sequence[int] | None = None) -> str:
    if axis is None:
        if None in x.shape:
            raise Inexpressible("it must be told its axis, for some sizes are not known before use")
        axis = [place for place, size in enumerate(x.shape) if size == 1]
    return w.squeeze(w.get(x, out.kind), *([axis] if isinstance(axis, int) else axis))


def _transpose(w: Writer, out: Tensor, x: Tensor, axes: Sequence[int] | None = None) -> str:
    order = range(len(x.shape))[::-1] if axes is None else [axis % len(x.shape) for axis in axes]
    return permuted(w, w.get(x, out.kind), order)


def permuted(w: Writer, name: str, order: Sequence[int]) -> str:
    """Axes in another order; in the same, the same."""
    return name if list(order) == sorted(order) else w.node("Transpose", name, perm=list(order))


def _swap_axes(w: Writer, out: Tensor, x: Tensor, axis1: int, axis2: int) -> str:
    order = list(range(len(x.shape)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return permuted(w, w.get(x, out.kind), order)


def _move_axis(w: Writer, out: Tensor, x: Tensor, source: Any, destination: Any) -> str:
    rank = len(x.shape)
    ends = (np.atleast_1d(each) % rank for each in (source, destination))
    places = dict(sorted(zip(*(each.tolist() for each in ends), strict=True), key=operator.itemgetter(1)))
    order = [axis for axis in range(rank) if axis not in places]
    for axis, place in places.items():
        order.insert(place, axis)
    return permuted(w, w.get(x, out.kind), order)


def _concatenate(w: Writer, out: Tensor, xs: Sequence[Tensor], axis: int = 0) -> str:
    return w.node("Concat", *(w.get(x, out.kind) for x in xs), axis=axis)


def _append(w: Writer, out: Tensor, x1: Tensor, x2: Tensor, axis: int | None = None) -> str:
    if axis is None:
        return w.node("Concat", w.flat(x1, out.kind), w.flat(x2, out.kind), axis=0)
    return _concatenate(w, out, [x1, x2], axis)


def _stack(w: Writer, out: Tensor, x: Sequence[Tensor], axis: int = 0) -> str:
    axis %= len(out.shape)
    return w.node("Concat", *(w.unsqueeze(w.get(each, out.kind), axis) for each in x), axis=axis)


def _unstack(w: Writer, out: Tensor, x: Tensor, num: int | None = None, axis: int = 0) -> list[str]:
    size = x.shape[axis] if num is None else num
    if size is None:
        raise Inexpressible("it must know how many parts there are before use")
    name = w.get(x, out.kind)
    return [w.node("Gather", name, w.number(place, "int64"), axis=axis) for place in range(size)]


def _split(w: Writer, out: Tensor, x: Tensor, indices_or_sections: Any, axis: int = 0) -> list[str]:
    name = w.get(x, out.kind)
    if isinstance(indices_or_sections, int):
        return w.nodes("Split", name, outputs=indices_or_sections, axis=axis) if indices_or_sections > 1 else [name]
    places = [int(place) if not isinstance(place, Tensor) else place for place in indices_or_sections]
    return [w.slice(name, axis, a, b) for a, b in zip([0, *places], [*places, LAST], strict=True)]


def _repeat(w: Writer, out: Tensor, x: Tensor, repeats: Any, axis: int | None = None) -> str:
    """Copies along a new axis, which the old one takes in; known numbers may differ from place to place."""
    name = w.flat(x, out.kind) if axis is None else w.get(x, out.kind)
    rank = 1 if axis is None else len(x.shape)
    axis = (axis or 0) % rank
    many = repeats.value if isinstance(repeats, Tensor) and repeats.value is not None else repeats
    if not isinstance(many, Tensor) and np.size(many) > 1:
        places = np.repeat(np.arange(np.size(many)), many)
        return w.node("Gather", name, w.number(places, "int64"), axis=axis)
    times = many if isinstance(many, Tensor) else int(np.ravel(many)[0])
    row = w.row([*[1] * (axis + 1), times, *[1] * (rank - axis - 1)])
    wide = w.node("Expand", w.unsqueeze(name, axis + 1), row)
    after = (w.own(name, place, out.shape[place]) for place in range(axis + 1, rank))
    return w.node("Reshape", wide, w.row([*[0] * axis, -1, *after]))


def _tile(w: Writer, out: Tensor, x: Tensor, repeats: Any) -> str:
    many = list(repeats) if isinstance(repeats, tuple | list) else [repeats]
    many = [1] * (len(out.shape) - len(many)) + many
    name = w.unsqueeze(w.get(x, out.kind), *range(len(out.shape) - len(x.shape)))
    return w.node("Tile", name, w.row(many))


def _broadcast_to(w: Writer, out: Tensor, x: Tensor, shape: Sequence[Value]) -> str:
    return w.node("Expand", w.get(x, out.kind), w.row(list(shape)))


def _pad(
    w: Writer, out: Tensor, x: Tensor, constant_values: Value | None = None, pad_width: Any = (), mode: str = ""
) -> str:
    modes = {"constant": "constant", "reflect": "reflect", "edge": "edge"}
    if mode not in modes:
        raise Inexpressible(f"its mode must be one of {', '.join(modes)}, got {mode}")
    kind = "int32" if out.kind == "bool" else out.kind
    widths = list(pad_width) * len(x.shape) if len(pad_width) == 1 else list(pad_width)
    ends = w.row([start for start, _ in widths] + [end for _, end in widths])
    filler = [w.get(constant_values, kind)] if constant_values is not None else []
    padded = w.node("Pad", w.get(x, kind), ends, *filler, mode=modes[mode])
    return w.cast(padded, kind, out.kind)


def _like(value: float) -> Convert:
    def convert(w: Writer, out: Tensor, x: Tensor) -> Tensor:
        return Tensor("", out.dtype, out.shape, fill=value, like=w.get(x))

    return convert


def _full_like(w: Writer, out: Tensor, x: Tensor, fill_value: Value) -> Any:
    if isinstance(fill_value, int | float):
        return Tensor("", out.dtype, out.shape, fill=fill_value, like=w.get(x))
    return w.node("Expand", w.get(fill_value, out.kind), w.shape(w.get(x)))


def _created(w: Writer, out: Tensor, fill_value: Value, *sizes: Tensor, shape: Any = ()) -> str:
    given = shape if isinstance(shape, tuple | list) else [shape]
    return w.node("Expand", w.get(fill_value, out.kind), w.row(list(given)))


def _arange(w: Writer, out: Tensor, start: Value, stop: Value | None = None, step: Value | None = None) -> str:
    first, last = (0, start) if stop is None else (start, stop)
    ends = [w.get(end, out.kind) for end in (first, last, 1 if step is None else step)]
    return w.node("Range", *ends)


def _triangle(upper: int) -> Convert:
    def convert(w: Writer, out: Tensor, x: Tensor, k: int = 0) -> str:
        kind = "float32" if x.kind == "float32" else "int64"
        return w.cast(w.node("Trilu", w.get(x, kind), w.number(k, "int64"), upper=upper), kind, out.kind)

    return convert


SHAPES: Mapping[str, Convert] = {
    "SizeOf": _size_of,
    "Created": _created,
    "Full": _created,
    "Held": lambda w, out, x, other: w.get(x, out.kind),
    "Reshape": _reshape,
    "Ravel": _ravel,
    "ExpandDims": _expand_dims,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Swapaxes": _swap_axes,
    "Moveaxis": _move_axis,
    "Concatenate": _concatenate,
    "Append": _append,
    "Stack": _stack,
    "Unstack": _unstack,
    "Split": _split,
    "Repeat": _repeat,
    "Tile": _tile,
    "BroadcastTo": _broadcast_to,
    "Pad": _pad,
    "ZerosLike": _like(0),
    "OnesLike": _like(1),
    "EmptyLike": _like(0),
    "FullLike": _full_like,
    "Arange": _arange,
    "Tril": _triangle(0),
    "Triu": _triangle(1),
}
