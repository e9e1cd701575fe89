"""The settings of an experiment by their whole keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["flat"]


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each key path with its value; a list of what is no table is a value.

    >>> dict(flat({"seed": 0, "encoder": {"units": 8}, "preprocessor": [{"name": "html"}], "labels": ["a", "b"]}))
    {'seed': 0, 'encoder.units': 8, 'preprocessor[0].name': 'html', 'labels': ['a', 'b']}
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield from flat(inner, f"{path}[{number}]")
    else:
        yield path, value
