"""Which vectors are those of words, noted while weights stay as they are, so that a layer may know their products."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Hashable, Iterator
from typing import Any

__all__ = ["kept", "note_words", "noted", "still"]

_kept: contextvars.ContextVar[dict[Hashable, Any] | None] = contextvars.ContextVar("kerasseq_words", default=None)


@contextlib.contextmanager
def still() -> Iterator[None]:
    """No weight changes inside, in this thread: what is computed of weights alone is kept until the end."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def kept(key: Hashable, make: Callable[[], Any]) -> Any:
    """What `make` makes, once while weights stay as they are."""
    found = _kept.get()
    if found is None:
        return make()
    if key not in found:
        found[key] = make()
    return found[key]


def note_words(x: Any, ids: Any, vectors: Any) -> None:
    """`x` `(B, T, D)` is `vectors` `(V, D)` at `ids` `(B, T)`; forgotten at once where weights may change."""
    if _kept.get() is not None:
        x._kerasseq_words = ids, vectors


def noted(x: Any) -> tuple[Any, Any] | None:
    """The ids and vectors that `x` was made of, if that was noted and weights still are as they were."""
    return None if _kept.get() is None else getattr(x, "_kerasseq_words", None)
