"""Operations of Keras that move, cut, repeat and pick numbers, in torch alone; sizes stay open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.nn import functional

from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.tracing.operations import Item

__all__ = ["SHAPES"]

Tensor = Any
Part = Callable[..., Any]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _squeeze(x: Tensor, axis: Any = None) -> Tensor:
    if axis is None:
        raise Refused("squeeze must be told its axis")
    return x.squeeze(tuple(_listed(axis)))


def _expand_dims(x: Tensor, axis: Any) -> Tensor:
    axes = sorted(each % (x.ndim + len(_listed(axis))) for each in _listed(axis))
    for each in axes:
        x = x.unsqueeze(each)
    return x


def _joined(xs: Sequence[Tensor], axis: int = 0) -> Tensor:
    kind = xs[0].dtype
    for x in xs[1:]:
        kind = torch.promote_types(kind, x.dtype)
    return torch.cat([x.to(kind) for x in xs], dim=axis)


def _stack(x: Sequence[Tensor], axis: int = 0) -> Tensor:
    return _joined([each.unsqueeze(axis) for each in x], axis)


def _append(x1: Tensor, x2: Tensor, axis: int | None = None) -> Tensor:
    return _joined([x1.reshape(-1), x2.reshape(-1)]) if axis is None else _joined([x1, x2], axis)


def _split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> tuple[Tensor, ...]:
    if isinstance(indices_or_sections, int):
        return tuple(x.split(x.shape[axis] // indices_or_sections, dim=axis))
    places = list(indices_or_sections)
    ends = zip([0, *places], [*places, None], strict=True)
    return tuple(_along(x, axis, slice(a, b)) for a, b in ends)


def _along(x: Tensor, axis: int, key: Any) -> Tensor:
    """`x[key]` on one axis."""
    return x[(*[slice(None)] * (axis % x.ndim), key)]


def _item(x: Tensor, *parts: Any) -> Tensor:
    keys = Item.keys(parts)
    axis = -1
    for place, key in enumerate(keys):
        axis += key is not None
        if isinstance(key, slice) and isinstance(key.step, int) and key.step < 0:  # torch knows no such step
            x = x.flip(axis)
            start, stop = (None if end is None else -1 - end for end in (key.start, key.stop))
            keys[place] = slice(start, stop, -key.step)
    return x[tuple(key.long() if isinstance(key, torch.Tensor) else key for key in keys)]


def _slice(inputs: Tensor, start_indices: Sequence[Any], shape: Sequence[Any]) -> Tensor:
    ends = (slice(a, None if n is None or n == -1 else a + n) for a, n in zip(start_indices, shape, strict=True))
    return inputs[tuple(ends)]


def _take(x: Tensor, indices: Any, axis: int | None = None) -> Tensor:
    places = indices.long() if isinstance(indices, torch.Tensor) else torch.tensor(indices)
    return x.reshape(-1)[places] if axis is None else _along(x, axis, places)


def _take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    """What is 1 on a side is there as often as on the other; torch's own function fixes the sizes."""
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis % x.ndim)
    places = indices.reshape([-1] * x.ndim if x.ndim == 1 else list(indices.shape)).long()
    wide = [_wide(*pair) for pair in zip(x.shape, places.shape, strict=True)]
    x = x.expand([-1 if n == axis else pair[0] for n, pair in enumerate(wide)])
    places = places.expand([-1 if n == axis else pair[1] for n, pair in enumerate(wide)])
    return torch.gather(x, axis, torch.where(places < 0, places + x.shape[axis], places))


def _wide(size: Any, other: Any) -> tuple[Any, Any]:
    """The sizes that two axes are expanded to; -1 for as it is."""
    single = [isinstance(each, int) and each == 1 for each in (size, other)]
    return (other if single[0] and not single[1] else -1), (size if single[1] and not single[0] else -1)


def _repeat(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis % x.ndim)
    if isinstance(repeats, torch.Tensor | list | tuple):
        return torch.repeat_interleave(x, torch.as_tensor(repeats), dim=axis)
    wide = x.unsqueeze(axis + 1).expand(*x.shape[: axis + 1], repeats, *x.shape[axis + 1 :])
    return wide.reshape(*x.shape[:axis], x.shape[axis] * repeats, *x.shape[axis + 1 :])


def _broadcast_to(x: Tensor, shape: Sequence[Any]) -> Tensor:
    return x.expand(list(shape))


def _pad(x: Tensor, constant_values: Any = None, pad_width: Any = (), mode: str = "constant") -> Tensor:
    widths = list(pad_width) * x.ndim if len(pad_width) == 1 else list(pad_width)
    if mode == "constant":
        ends = [end for pair in reversed(widths) for end in pair]
        return functional.pad(x, ends, value=0 if constant_values is None else constant_values)
    if mode != "reflect":
        raise Refused(f"pad must have the mode constant or reflect, got {mode}")
    for axis, (before, after) in enumerate(widths):
        front = [_along(x, axis, slice(1, before + 1)).flip(axis)] if before else []
        back = [_along(x, axis, slice(-after - 1, -1)).flip(axis)] if after else []
        x = torch.cat([*front, x, *back], dim=axis)
    return x


def _flip(x: Tensor, axis: Any = None) -> Tensor:
    return x.flip(list(range(x.ndim)) if axis is None else _listed(axis))


def _roll(x: Tensor, shift: Any, axis: Any = None) -> Tensor:
    if axis is None:
        raise Refused("roll must be told its axis")
    return torch.roll(x, _listed(shift), _listed(axis))


def _created(fill_value: Any, *sizes: Any, shape: Any = ()) -> Tensor:
    if isinstance(fill_value, torch.Tensor):
        return fill_value.expand(_listed(shape))
    return torch.full(_listed(shape), fill_value)


def _arange(start: Any, stop: Any = None, step: Any = None) -> Tensor:
    first, last = (0, start) if stop is None else (start, stop)
    if isinstance(step, int) and step > 1:  # a form whose length torch knows of every size
        return torch.arange((last - first + step - 1) // step) * step + first
    return torch.arange(first, last, 1 if step is None else step)


def _one_hot(x: Tensor, num_classes: Any, axis: int = -1, sparse: bool = False) -> Tensor:
    place = axis % (x.ndim + 1)
    every = torch.arange(num_classes).reshape([-1] + [1] * (x.ndim - place))
    return x.unsqueeze(place) == every


def _scatter(indices: Tensor, values: Tensor, shape: Sequence[Any] = ()) -> Tensor:
    zeros = torch.zeros(list(shape), dtype=values.dtype)
    return zeros.index_put(tuple(indices.long().unbind(-1)), values, accumulate=True)


def _scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None) -> Tensor:
    if reduction not in (None, "add"):
        raise Refused(f"scatter_update must have the reduction None or add, got {reduction}")
    places = tuple(indices.long().unbind(-1))
    return inputs.index_put(places, updates.to(inputs.dtype), accumulate=reduction is not None)


SHAPES: Mapping[str, Part] = {
    "SizeOf": lambda x, axis: x.shape[axis],
    "Created": _created,
    "Full": _created,
    "Item": _item,
    "Reshape": lambda x, newshape: x.reshape(_listed(newshape)),
    "Ravel": lambda x: x.reshape(-1),
    "ExpandDims": _expand_dims,
    "Squeeze": _squeeze,
    "Transpose": lambda x, axes=None: x.permute(list(range(x.ndim))[::-1] if axes is None else list(axes)),
    "Swapaxes": lambda x, axis1, axis2: x.transpose(axis1, axis2),
    "Moveaxis": lambda x, source, destination: torch.movedim(x, source, destination),
    "Concatenate": _joined,
    "Append": _append,
    "Stack": _stack,
    "Unstack": lambda x, num=None, axis=0: x.unbind(axis),
    "Split": _split,
    "Slice": _slice,
    "Take": _take,
    "TakeAlongAxis": _take_along_axis,
    "Repeat": _repeat,
    "Tile": lambda x, repeats: torch.tile(x, _listed(repeats)),
    "BroadcastTo": _broadcast_to,
    "Pad": _pad,
    "Flip": _flip,
    "Roll": _roll,
    "Diff": lambda a, n=1, axis=-1: torch.diff(a, n, axis),
    "ZerosLike": torch.zeros_like,
    "OnesLike": torch.ones_like,
    "EmptyLike": torch.zeros_like,
    "FullLike": lambda x, fill_value: torch.zeros_like(x) + fill_value,
    "Arange": _arange,
    "OneHot": _one_hot,
    "Tril": lambda x, k=0: torch.tril(x, k),
    "Triu": lambda x, k=0: torch.triu(x, k),
    "Scatter": _scatter,
    "ScatterUpdate": _scatter_update,
}
