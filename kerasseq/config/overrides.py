"""`--set KEY=VALUE`: settings of the command line, laid over those of the file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

__all__ = ["apply", "path_of"]


def apply(tables: dict[str, Any], override: str) -> str:
    """Set one key in `tables`, in place.

    Args:
        tables: The file's; a section that is missing is made.
        override: `training.epochs=3`. The value is TOML; what is no TOML is a text, so that quotes are rarely needed.
            A number addresses one of several tables, from 0, the next free one adds a table:
            `preprocessor.0.name=html`.

    Returns:
        The path of the key as messages write it: `preprocessor[0].name`.

    Raises:
        ValueError: The key is no path into the tables; the message says how far it leads.
    """
    if not override.isascii():
        _check_characters(override)
    key, equals, text = override.partition("=")
    parts = [part.strip() for part in key.split(".")]
    if not equals or not all(parts):
        raise ValueError(f'must be KEY=VALUE, got "{override}"')
    node: Any = tables
    for depth in range(len(parts) - 1):
        node = _descend(node, parts, depth, [] if parts[depth + 1].isdigit() else {})
        if not isinstance(node, dict | list):
            raise ValueError(f'"{override}": {path_of(parts[: depth + 1])} is no table, it is {node!r}')
    last = parts[-1]
    if isinstance(node, list):
        index = _index(node, parts, len(parts) - 1)
        node[index : index + 1] = [_value(text.strip())]
    else:
        node[last] = _value(text.strip())
    return path_of(parts)


def _check_characters(override: str) -> None:
    """Refuse what a console in another encoding made of the command line."""
    try:
        override.encode()
    except UnicodeEncodeError as cause:
        said = override.encode("utf-8", "replace").decode()
        raise ValueError(f'must be utf-8, got "{said}"; write it into the file, or set LANG=C.UTF-8') from cause


def path_of(parts: Sequence[str]) -> str:
    """`("preprocessor", "0", "name")` -> `"preprocessor[0].name"`."""
    path = ""
    for part in parts:
        path += f"[{part}]" if part.isdigit() and path else f".{part}" if path else part
    return path


def _descend(node: dict[str, Any] | list[Any], parts: Sequence[str], depth: int, fresh: Any) -> Any:
    if isinstance(node, dict):
        return node.setdefault(parts[depth], fresh)
    index = _index(node, parts, depth)
    if index == len(node):
        node.append(fresh)
    return node[index]


def _index(node: list[Any], parts: Sequence[str], depth: int) -> int:
    where = path_of(parts[:depth])
    if not parts[depth].isdigit() or int(parts[depth]) > len(node):
        raise ValueError(
            f"{where} is a list of {len(node)}: the next part of {'.'.join(parts)} must be a number from 0 to "
            f"{len(node)}, got {parts[depth]}"
        )
    return int(parts[depth])


def _value(text: str) -> Any:
    try:
        tables = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):  # no TOML value, or a number of thousands of digits
        return text
    return tables["value"] if len(tables) == 1 else text
