"""A call of one of Keras's operations in torch alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch.axes import AXES
from kerasseq.exporters.torch.elementwise import ELEMENTWISE
from kerasseq.exporters.torch.products import PRODUCTS
from kerasseq.exporters.torch.shapes import SHAPES

__all__ = ["OPERATIONS", "TYPES", "operation"]

Part = Callable[..., Any]

OPERATIONS: Mapping[str, Part] = {**ELEMENTWISE, **AXES, **SHAPES, **PRODUCTS}
"""Name of the operation's class to what computes it: `part(*args, **kwargs, **settings)`, of the numbers in whatever
type they come."""

TYPES = {
    **dict.fromkeys(("float32", "float16", "bfloat16", "float64"), torch.float32),
    **{name: getattr(torch, name) for name in ("int64", "int32", "int16", "int8", "uint8", "bool")},
}
"""What a type of Keras is here."""


def operation(kind: str, layer: str, kinds: list[str]) -> Part:
    """What computes a call of an operation, in the types that Keras says.

    Args:
        kind: Name of the operation's class.
        layer: Whose it is, for messages.
        kinds: Type of each output.

    Raises:
        Refused: torch has no form of it here, or not of its types.
    """
    part = OPERATIONS.get(kind)
    if part is None:
        raise refusal(layer, kind, "must have a form in torch, it has none")
    if any(each not in TYPES for each in kinds):
        raise refusal(layer, kind, f"must give one of {', '.join(TYPES)}, got {', '.join(kinds)}")

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            found = part(*args, **kwargs)
        except Exception as cause:
            raise refusal(layer, kind, f"cannot be said in torch: {' '.join(str(cause).split())[:200]}") from cause
        several = isinstance(found, tuple | list)
        made = [_typed(each, TYPES[name]) for each, name in zip(found if several else [found], kinds, strict=True)]
        return tuple(made) if several else made[0]

    return call


def _typed(value: Any, kind: Any) -> Any:
    """A size stays one."""
    return value.to(kind) if isinstance(value, torch.Tensor) else value


def refusal(layer: str, kind: str, message: str) -> Refused:
    place = f"layer {layer!r}: " if layer else ""
    return Refused(f"model.pt2: {place}operation {kind} {message}; nothing was written")
