"""One step of a moving average over many weights at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasseq.backend.select import current

__all__ = ["Move", "make_move"]

Move = Callable[[list[Any], Sequence[Any], float], list[Any]]
"""`move(averages, values, share)`: the averages moved by `share`, in [0, 1], towards the values; torch moves those
that are given and makes none."""


def make_move() -> Move:
    """That of the current backend: in one call, for it is made after every update.

    An average that has met its value stays as it is, to the last bit: a weight of zero, as of padding, stays zero.
    """
    if current() == "torch":
        import torch

        def move(averages: list[Any], values: Sequence[Any], share: float) -> list[Any]:
            with torch.no_grad():
                torch._foreach_lerp_(averages, values, share)
            return averages

        return move

    def made(averages: list[Any], values: Sequence[Any], share: float) -> list[Any]:
        return [average + share * (value - average) for average, value in zip(averages, values, strict=True)]

    if current() == "jax":
        import jax

        compiled: Move = jax.jit(made)
        return compiled
    return made
