"""Where each key of a TOML stands: key path -> (line, column), through tree-sitter.

tomllib gives a line for syntax errors only, so a second, position-keeping parse answers "where is `encoder.units`?".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Position", "positions", "repeats"]

Position = tuple[int, int]
_KEYS = ("bare_key", "quoted_key", "dotted_key")


def positions(text: str) -> dict[str, Position]:
    """Map every key path in `text` to its 1-based line and column.

    >>> positions('[encoder]\\nunits = 8\\n[[preprocessor]]\\nname = "html"\\n')["preprocessor[0].name"]
    (4, 1)
    """
    found: dict[str, Position] = {}
    for path, _, place in _places(text):
        found.setdefault(path, place)
        parent = path.rpartition(".")[0]
        while parent:  # encoder.units = 3 is a place for encoder too
            found.setdefault(parent, place)
            parent = parent.rpartition(".")[0]
    return found


def repeats(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield `(key, message, line, column)` for each key and each section that `text` gives a second time."""
    first: dict[str, Position] = {}
    arrays: set[str] = set()
    for path, kind, place in _places(text):
        bare = path.removesuffix("[0]") if kind == "table_array_element" else path
        if bare != path:
            arrays.add(bare)
        known = first.get(path) or (first.get(bare) if bare in arrays else None)
        if known is None:
            first[path] = place
        elif bare in arrays:
            yield bare, f"must be [[{bare}]] everywhere; line {min(known, place)[0]} says otherwise", *max(known, place)
        else:
            yield path, f"is given twice; first on line {known[0]}", *place


def _places(text: str) -> Iterator[tuple[str, str, Position]]:
    """Yield `(path, type of the node, position)`, in the order of the text."""
    import tree_sitter
    import tree_sitter_toml

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    counts: dict[str, int] = {}
    root = parser.parse(text.encode()).root_node
    lines = text.encode().split(b"\n")
    for path, node in _nodes(root, counts):
        row, column = node.start_point.row, node.start_point.column
        yield path, node.type, (row + 1, len(lines[row][:column].decode("utf-8", "replace")) + 1)


def _nodes(root: Node, counts: dict[str, int]) -> Iterator[tuple[str, Node]]:
    yield from _pairs(root, "")
    for node in root.children:
        if node.type in ("table", "table_array_element"):
            parts = _key_parts(node)
            if parts:
                path = _table_path(parts, counts, node.type == "table_array_element")
                yield path, node
                yield from _pairs(node, path + ".")


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


def _pairs(node: Node, prefix: str) -> Iterator[tuple[str, Node]]:
    for pair in node.children:
        parts = _key_parts(pair) if pair.type == "pair" else []
        if not parts:
            continue
        path = prefix + ".".join(parts)
        yield path, pair
        value = pair.children[-1]
        if value.type == "inline_table":
            yield from _pairs(value, path + ".")
        elif value.type == "array":
            items = [c for c in value.children if c.type not in ("[", "]", ",", "comment")]
            for index, item in enumerate(items):
                yield f"{path}[{index}]", item
                if item.type == "inline_table":
                    yield from _pairs(item, f"{path}[{index}].")


def _key_parts(node: Node) -> list[str]:
    """The parts of the key of a pair or a header; empty where the text is no TOML."""
    key = next((c for c in node.children if c.type in _KEYS), None)
    return list(_flatten(key)) if key is not None else []


def _flatten(key: Node) -> Iterator[str]:
    if key.type == "dotted_key":
        for child in key.children:
            if child.type in _KEYS:
                yield from _flatten(child)
        return
    text = (key.text or b"").decode()
    try:
        yield next(iter(tomllib.loads(f"{text} = 0")))
    except tomllib.TOMLDecodeError:  # a file with syntax errors is asked for repeated keys
        yield text
