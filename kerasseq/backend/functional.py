"""A functional model of Keras as what it is: operations in an order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["calls"]


def calls(model: Any) -> Iterator[Any]:
    """Every call of a layer or an operation, after those that it needs; inputs are none.

    Args:
        model: A functional model.

    Yields:
        A node of Keras: `operation`, `arguments` (`args`, `kwargs`, `keras_tensors`) and `outputs`. A layer that is
        called twice has two.
    """
    for depth in sorted(model._nodes_by_depth, reverse=True):
        yield from (node for node in model._nodes_by_depth[depth] if not node.is_input)
