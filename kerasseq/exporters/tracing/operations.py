"""Operations that a layer's code is followed with beside Keras's own: what they make is known by its shape alone."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["Created", "Held", "Item", "SizeOf"]

Symbol = keras.KerasTensor


class SizeOf(keras.Operation):  # type: ignore[misc]
    """The size of an axis as an int32 tensor of no axes."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def compute_output_spec(self, x: Any) -> Any:
        return Symbol((), "int32")


class Created(keras.Operation):  # type: ignore[misc]
    """A tensor of one number, of a shape whose sizes may be symbolic."""

    def __init__(self, shape: tuple[Any, ...], dtype: str) -> None:
        super().__init__()
        self.shape = shape
        self.dtype = dtype

    def compute_output_spec(self, fill_value: Any, *sizes: Any) -> Any:
        return Symbol(self.shape, self.dtype)


class Held(keras.Operation):  # type: ignore[misc]
    """A constant as a symbolic tensor; a second one makes it one."""

    def compute_output_spec(self, x: Any, other: Any) -> Any:
        return Symbol(x.shape, x.dtype)


class Item(keras.Operation):  # type: ignore[misc]
    """`x[key]`, also where Keras's own operation knows no shape of it: a lone slice, symbolic numbers.

    Called with `x` and one after another the parts of the key, Ellipsis written out; a slice is three of them behind
    the word `slice`.
    """

    def compute_output_spec(self, x: Any, *parts: Any) -> Any:
        keys = self.keys(parts)
        given = [part for part in keys if part is not None and not isinstance(part, slice | int)]
        ranks = [len(part.shape) for part in given]
        plain = len(keys) - len(given) == sum(part is None or isinstance(part, slice) for part in keys)
        if len(given) > 1 or any(keras.backend.standardize_dtype(part.dtype) == "bool" for part in given):
            raise TypeError("an index must be numbers, slices and at most one tensor of whole numbers")
        if any(ranks) and not plain:
            raise TypeError("an index must not be a tensor and numbers at once, whose places differ among arrays")
        sizes = list(x._shape)
        shape: list[int | None] = []
        for part in keys:
            size = 1 if part is None else sizes.pop(0)
            if part is None or isinstance(part, slice):
                shape.append(size if part is None else _length(part, size))
            elif not isinstance(part, int):
                shape += part._shape if isinstance(part, Symbol) else part.shape
        return Symbol((*shape, *sizes), x.dtype)

    @staticmethod
    def keys(parts: tuple[Any, ...]) -> list[Any]:
        """The key as it was, slices and all."""
        keys, rest = [], list(parts)
        while rest:
            part = rest.pop(0)
            keys.append(slice(rest.pop(0), rest.pop(0), rest.pop(0)) if isinstance(part, str) else part)
        return keys


def _length(part: slice, size: int | None) -> int | None:
    """Of a slice of an axis; None where only a run can tell."""
    if any(isinstance(end, Symbol) for end in (part.start, part.stop, part.step)) or size is None:
        return None
    return len(range(*part.indices(size)))
