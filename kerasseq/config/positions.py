"""Where each key of a TOML stands: key path -> (line, column), through tree-sitter.

tomllib gives a line for syntax errors only, so a second, position-keeping parse answers "where is `encoder.units`?".
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Position", "positions"]

Position = tuple[int, int]
_KEYS = ("bare_key", "quoted_key", "dotted_key")


def positions(text: str) -> dict[str, Position]:
    """Map every key path in `text` to its 1-based line and column.

    >>> positions('[encoder]\\nunits = 8\\n[[preprocessor]]\\nname = "html"\\n')["preprocessor[0].name"]
    (4, 1)
    """
    import tree_sitter
    import tree_sitter_toml

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    found: dict[str, Position] = {}
    counts: dict[str, int] = {}
    root = parser.parse(text.encode()).root_node
    _pairs(root, "", found)
    for node in root.children:
        if node.type in ("table", "table_array_element"):
            path = _table_path(_key_parts(node), counts, node.type == "table_array_element")
            found.setdefault(path, _position(node))
            _pairs(node, path + ".", found)
    return found


def _table_path(parts: list[str], counts: dict[str, int], array: bool) -> str:
    """The path of a table header, with the index of each array of tables it lies in."""
    path = ""
    for depth, part in enumerate(parts):
        path = f"{path}.{part}" if path else part
        if array and depth == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = f"{path}[{counts[path]}]"
    return path


def _pairs(node: Node, prefix: str, found: dict[str, Position]) -> None:
    for pair in node.children:
        if pair.type != "pair":
            continue
        path = prefix + ".".join(_key_parts(pair))
        found.setdefault(path, _position(pair))
        value = pair.children[-1]
        if value.type == "inline_table":
            _pairs(value, path + ".", found)
        elif value.type == "array":
            items = [c for c in value.children if c.type not in ("[", "]", ",", "comment")]
            for index, item in enumerate(items):
                found[f"{path}[{index}]"] = _position(item)
                if item.type == "inline_table":
                    _pairs(item, f"{path}[{index}].", found)


def _key_parts(node: Node) -> list[str]:
    key = next(c for c in node.children if c.type in _KEYS)
    return list(_flatten(key))


def _flatten(key: Node) -> list[str]:
    if key.type == "dotted_key":
        return [part for child in key.children if child.type in _KEYS for part in _flatten(child)]
    text = (key.text or b"").decode()
    if key.type == "quoted_key":
        return [next(iter(tomllib.loads(f"{text} = 0")))]
    return [text]


def _position(node: Node) -> Position:
    return node.start_point.row + 1, node.start_point.column + 1
