"""Embeddings of the same ids, their vectors end to end."""

# B batch, T time, K n-grams of a token, D features of all parts

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
from keras import ops

__all__ = ["SideBySide"]

Part = Callable[..., Any]


class SideBySide:
    """A function of what several embeddings build.

    Layers of one name, as two tables have it, are told apart by a number behind the later ones.

    Args:
        parts: Each called as `part(tokens, mask=mask)`.
        spelled: Which of them are called as `part(tokens, subwords, mask=mask)`; none, where it is empty.

    Called as `embedding(tokens, mask=mask)`, or with n-grams: `(B, T)` int32, maybe `(B, T, K)` int32, mask `(B, T)`
    bool -> `(B, T, D)`; every call shares the weights.
    """

    def __init__(self, parts: Sequence[Part], spelled: Sequence[bool] = ()) -> None:
        self.parts = tuple(parts)
        self.spelled = tuple(spelled) or (False,) * len(self.parts)
        names: set[str] = set()
        for layer in _layers(self.parts, set()):
            layer.name = _free(layer.name, names)
            names.add(layer.name)

    def __call__(self, tokens: Any, subwords: Any = None, mask: Any = None) -> Any:
        found = [
            part(tokens, subwords, mask=mask) if reads and subwords is not None else part(tokens, mask=mask)
            for part, reads in zip(self.parts, self.spelled, strict=True)
        ]
        return found[0] if len(found) == 1 else ops.concatenate(found, axis=-1)


def _layers(held: Any, seen: set[int]) -> Iterator[Any]:
    """The layers that an object, or a function, holds."""
    if id(held) in seen:
        return
    seen.add(id(held))
    if isinstance(held, keras.layers.Layer):
        yield held
        return
    inner: list[Any] = []
    if isinstance(held, tuple | list):
        inner = list(held)
    elif isinstance(held, dict):
        inner = list(held.values())
    elif callable(held) and not isinstance(held, type):
        inner = [cell.cell_contents for cell in getattr(held, "__closure__", None) or ()]
        inner += [getattr(held, "__self__", None), *getattr(held, "__dict__", {}).values()]
    for each in inner:
        yield from _layers(each, seen)


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
