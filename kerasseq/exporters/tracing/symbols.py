"""Keras's symbolic tensors as a layer's own code expects tensors to be: sizes can be asked for, `==` compares.

Where Keras knows no size, as of batch and time, the code of a layer reads a symbolic number in its place, which the
graph takes from the tensor when it runs. So no length of an example can get into a graph: code that needs a number, for
a Python loop or an `if`, fails here.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras import ops

from kerasseq.exporters.tracing.operations import Created, Held, Item, SizeOf

__all__ = ["followed", "parts_of"]

Symbol = keras.KerasTensor
_NUMPY = importlib.import_module(ops.arange.__module__)  # where Keras's operations are defined
_CORE = importlib.import_module(ops.shape.__module__)
_LOCK = threading.RLock()


def parts_of(x: Any, key: Any) -> list[Any]:
    """What `Item` is called with behind `x`, for `x[key]`."""
    given = list(key) if isinstance(key, tuple) else [key]
    there = sum(part is not None and part is not Ellipsis for part in given)
    if not any(part is Ellipsis for part in given):
        given.append(Ellipsis)
    parts: list[Any] = []
    for part in given:
        if part is Ellipsis:
            parts += ["slice", None, None, None] * (len(x._shape) - there)
        elif isinstance(part, slice):
            parts += ["slice", part.start, part.stop, part.step]
        else:
            parts.append(part if part is None or isinstance(part, Symbol) else _index(part))
    return parts


def _item(x: Any, key: Any) -> Any:
    return Item()(x, *parts_of(x, key))


def _index(part: Any) -> Any:
    try:
        return part.__index__()
    except (AttributeError, TypeError, ValueError):
        return ops.convert_to_tensor(part)


def _asker(depth: int) -> tuple[str, str]:
    """Module and function of the code so many frames above the caller."""
    frame = sys._getframe(depth + 1)
    return frame.f_globals.get("__name__", ""), frame.f_code.co_name


def _inside(module: str) -> bool:
    """Whether that code is Keras's own, which knows that a size may be None."""
    return module.startswith("keras.") or module in (__name__, SizeOf.__module__)


def _shape(x: Any) -> tuple[Any, ...]:
    module, function = _asker(1)
    if _inside(module) and (module, function) != (_CORE.__name__, "shape"):
        return x._shape  # type: ignore[no-any-return]
    known = x.__dict__.setdefault("_sizes", {})
    for axis, size in enumerate(x._shape):
        if size is None and axis not in known:
            known[axis] = SizeOf(axis)(x)
    return tuple(known[axis] if size is None else size for axis, size in enumerate(x._shape))


def _equal(x: Any, other: Any) -> Any:
    return x is other if other is None or _inside(_asker(1)[0]) else ops.equal(x, other)


def _not_equal(x: Any, other: Any) -> Any:
    return x is not other if other is None or _inside(_asker(1)[0]) else ops.not_equal(x, other)


_BUILT = Symbol.__init__


def _init(x: Any, shape: Any, *arguments: Any, **options: Any) -> None:
    """Keras's own, for which a symbolic size is an unknown one."""
    _BUILT(x, tuple(None if isinstance(size, Symbol) else size for size in shape), *arguments, **options)


def _symbolic(shape: Any) -> bool:
    sizes = shape if isinstance(shape, tuple | list) else (shape,)
    return any(isinstance(size, Symbol) for size in sizes)


def _filled(value: Any, shape: Any, dtype: Any) -> Any:
    shape = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    sizes = [size for size in shape if isinstance(size, Symbol)]
    return Created(shape, keras.backend.standardize_dtype(dtype))(value, *sizes)


def _filler(original: Callable[..., Any], value: float) -> Callable[..., Any]:
    """`zeros` or `ones`, for symbolic sizes too."""
    return lambda shape, dtype=None: _filled(value, shape, dtype) if _symbolic(shape) else original(shape, dtype=dtype)


def _full(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda shape, fill_value, dtype=None: (
        _filled(fill_value, shape, dtype) if _symbolic(shape) else original(shape, fill_value, dtype=dtype)
    )


def _spread(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """`tile` and the like of a constant, so often as a symbolic size says."""

    def spread(x: Any, sizes: Any, **options: Any) -> Any:
        if not _symbolic(sizes):
            return original(x, sizes, **options)
        some = next(
            size for size in (sizes if isinstance(sizes, tuple | list) else [sizes]) if isinstance(size, Symbol)
        )
        return getattr(ops, name)(Held()(ops.convert_to_tensor(x), some), sizes, **options)

    return spread


def _triangle(original: Callable[..., Any], compare: Callable[..., Any]) -> Callable[..., Any]:
    """`tri` or `eye`: which columns of a row hold 1."""

    def made(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Any:
        if not _symbolic((N, M)):
            return original(N, M=M, k=k, dtype=dtype)
        rows, columns = ops.arange(N), ops.arange(N if M is None else M)
        chosen = compare(ops.expand_dims(columns, 0), ops.expand_dims(rows, 1) + k)
        return ops.cast(chosen, keras.backend.standardize_dtype(dtype))

    return made


def _range_spec(operation: Any, start: Any, stop: Any = None, step: Any = None) -> Any:
    kinds = [getattr(end, "dtype", type(end)) for end in (start, stop, step) if end is not None]
    return Symbol((None,), operation.dtype or keras.backend.result_type(*kinds))


def _repeated(original: Callable[..., Any]) -> Callable[..., Any]:
    """The answer of `repeat` or `tile` so often as one symbolic number says."""

    def spec(operation: Any, x: Any) -> Any:
        if not isinstance(operation.repeats, Symbol):
            return original(operation, x)
        axis = getattr(operation, "axis", -1)
        shape = [None] if axis is None else list(x._shape)
        shape[axis or 0] = None
        return Symbol(shape, x.dtype)

    return spec


_OPERATORS = "add sub mul truediv floordiv mod pow matmul and or xor".split()
_COMPARISONS = "eq ne lt le gt ge".split()


def _deferring(original: Callable[..., Any]) -> Callable[..., Any]:
    """An operator of a variable that leaves a symbolic tensor to do it."""
    return lambda x, other: NotImplemented if isinstance(other, Symbol) else original(x, other)


def _changes() -> Iterator[tuple[Any, str, Any]]:
    """Owner, name and value of each attribute that is another one while a layer is followed."""
    yield Symbol, "shape", property(_shape)
    yield Symbol, "__init__", _init
    yield Symbol, "__eq__", _equal
    yield Symbol, "__ne__", _not_equal
    yield Symbol, "__getitem__", _item
    yield Symbol, "__array_ufunc__", None  # arrays of NumPy, and below of jax, leave an operator to the symbol
    yield Symbol, "__jax_array__", None
    for name in (*_OPERATORS, *_COMPARISONS):
        yield keras.Variable, f"__{name}__", _deferring(getattr(keras.Variable, f"__{name}__"))
    functions = _NUMPY.backend.numpy
    yield functions, "zeros", _filler(functions.zeros, 0)
    yield functions, "ones", _filler(functions.ones, 1)
    yield functions, "full", _full(functions.full)
    for name in ("tile", "broadcast_to", "repeat"):
        yield functions, name, _spread(name, getattr(functions, name))
    yield functions, "tri", _triangle(functions.tri, ops.less_equal)
    yield functions, "eye", _triangle(functions.eye, ops.equal)
    yield _NUMPY.Arange, "compute_output_spec", _range_spec
    for kind in (_NUMPY.Repeat, _NUMPY.Tile):
        yield kind, "compute_output_spec", _repeated(kind.compute_output_spec)
    yield keras.Layer, "add_loss", lambda layer, loss: None


_ABSENT = object()


@contextmanager
def followed() -> Iterator[None]:
    """Inside, the code of layers runs on symbolic tensors as described above; in one thread at a time."""
    with _LOCK:
        before = [(owner, name, vars(owner).get(name, _ABSENT)) for owner, name, _ in _changes()]
        try:
            for owner, name, value in list(_changes()):
                if name == "__jax_array__":
                    delattr(owner, name)
                else:
                    setattr(owner, name, value)
            yield
        finally:
            for owner, name, value in before:
                if value is _ABSENT:
                    delattr(owner, name)
                else:
                    setattr(owner, name, value)
