"""What can happen to a file: to its bits and pieces, and to the values inside of one that stays well formed."""

from __future__ import annotations

import copy
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

__all__ = ["DAMAGE", "Damage", "damaged"]

Damage = Callable[[bytes, random.Random], bytes]
"""A file and a draw to other bytes."""

WRITTEN = (
    *("9" * 20, "-1", "1e999", "NaN", "null", "0", "1" * 5000, "true", '"', "'", "\\", "[" * 5000, '{"a":' * 3000),
    *("\x1b[2J", "\0", "\u202e", "\ufeff", "../../../etc/passwd", "\r", "\n\n", "\t\t", ",,,,", "\xff" * 9),
)
"""What no writer would write there."""

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 0.5, -0.0, float("inf"), float("nan")),
    *("", "\0", "\x1b[31mred", "a" * 5000, "../..", "\ud800", "é", [], {}, [[]], {"": None}, [0] * 50, ["a", "a"]),
)
"""Values of JSON, the wrong ones of a place."""


def damaged(whole: bytes, draw: random.Random) -> bytes:
    """Bits turned, a piece gone, doubled, moved or swapped, the end cut off, or something written over it."""
    data = bytearray(whole)
    for _ in range(draw.choice((1, 1, 1, 3, 20))):
        place, length = draw.randrange(max(len(data), 1)), draw.choice((1, 2, 8, 200))
        other = draw.randrange(max(len(data), 1))
        match draw.randrange(8):
            case 0:
                data[place : place + 1] = bytes([draw.randrange(256)])
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = data[place : place + length]
            case 3:
                del data[place:]
            case 4:
                data[place : place + length] = draw.randbytes(length)
            case 5:
                data[place : place + length] = draw.choice(WRITTEN).encode()
            case 6 if place < len(data):
                data[place] ^= 1 << draw.randrange(8)
            case _:
                data[place : place + length], data[other : other + length] = (
                    data[other : other + length],
                    data[place : place + length],
                )
    return bytes(data)


# === Files that stay well formed ===


def in_json(whole: bytes, draw: random.Random) -> bytes:
    """One to three values of a JSON text replaced, dropped, wrapped or given another name; of other text, any bytes."""
    try:
        value = json.loads(whole)
    except ValueError:  # lines of JSON, or what an earlier change left
        return damaged(whole, draw)
    for _ in range(draw.choice((1, 1, 3))):
        value = _changed(value, draw)
    try:
        return json.dumps(value, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
    except RecursionError:  # of what was wrapped several times
        return damaged(whole, draw)


def in_json_line(whole: bytes, draw: random.Random) -> bytes:
    """One line of jsonl, as `in_json`."""
    lines = whole.splitlines()
    place = draw.randrange(len(lines))
    lines[place] = in_json(lines[place], draw)
    return b"\n".join([*lines, b""])


def _changed(value: Any, draw: random.Random, depth: int = 0) -> Any:
    if isinstance(value, dict | list) and value and (depth == 0 or draw.random() < 0.8):
        keys: Any = list(value) if isinstance(value, dict) else range(len(value))
        key = keys[draw.randrange(len(keys))]
        chance = draw.random()
        if chance < 0.1:
            del value[key]
        elif chance < 0.15 and isinstance(value, dict):
            value[draw.choice(("", "x", "\x1b[2J", "a" * 300))] = value.pop(key)
        elif chance < 0.2 and isinstance(value, list):
            value[key:key] = value[key : key + 1] * draw.choice((1, 2, 1000))
        else:
            value[key] = _changed(value[key], draw, depth + 1)
        return value
    if draw.random() < 0.1:
        for _ in range(draw.choice((1, 50, 900))):
            value = [value] if draw.random() < 0.5 else {"a": value}
        return value
    if isinstance(value, int | float) and draw.random() < 0.4:
        return value * draw.choice((-1, 2, 10, 10**6, 10**12)) + draw.choice((0, 1, -1))
    if isinstance(value, str) and draw.random() < 0.4:
        return damaged(value.encode("utf-8", "replace"), draw).decode("utf-8", "replace")
    return copy.deepcopy(draw.choice(VALUES))


def in_toml(whole: bytes, draw: random.Random) -> bytes:
    """One value of a TOML text replaced, or two lines of it swapped."""
    lines = whole.decode().split("\n")
    place = draw.randrange(len(lines))
    if draw.random() < 0.2:
        other = draw.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    else:
        written = draw.choice((*WRITTEN, *(f'"{name}"' for name in ("word", "x", "", "../x", "a/b", "\x1b"))))
        value = draw.choice((written, json.dumps(draw.choice(VALUES)), "[]", "{}", '{ name = "x" }', "1979-05-27"))
        lines[place] = re.sub(r"=.*", lambda _: f"= {value}", lines[place]) if "=" in lines[place] else value
    return "\n".join(lines).encode("utf-8", "replace")


def in_gzip(whole: bytes, draw: random.Random) -> bytes:
    """What is packed, damaged, and packed again."""
    return gzip.compress(damaged(gzip.decompress(whole), draw), compresslevel=1)


def in_zip(whole: bytes, draw: random.Random) -> bytes:
    """A member damaged, with a checksum that agrees; or members swapped, dropped, doubled or of another name."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    place, other = draw.randrange(len(members)), draw.randrange(len(members))
    name, content = members[place]
    match draw.randrange(9):
        case 0:
            del members[place]
        case 1:
            members[place] = (members[other][0], content)
            members[other] = (name, members[other][1])
        case 2:
            members.append((name, members[other][1]))
        case 3:
            members[place] = (draw.choice((name + "x", "../" + name, "/etc/passwd", "\x1b[2J", "a" * 300)), content)
        case 4 if content[:1] in (b"{", b"["):
            members[place] = (name, in_json(content, draw))
        case 5 if content[:6] == b"\x93NUMPY":
            members[place] = (name, _other_header(content, draw))
        case _:
            members[place] = (name, damaged(content, draw))
    return _packed(members, draw.random() < 0.2)


def _packed(members: list[tuple[str, bytes]], deflated: bool) -> bytes:
    import warnings

    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that stand there twice
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def _other_header(content: bytes, draw: random.Random) -> bytes:
    """An array of NumPy that says another shape or type, in as many bytes."""
    end = 10 + int.from_bytes(content[8:10], "little")
    types = ("'<f8'", "'|O'", "'<U9999999'", "'<M8[ns]'", "[('a', '<f4')]", "'>i8'", "'|S0'", "'<c16'", "'|b1'")
    shapes = ("()", "(0,)", "(-1,)", "(10**9,)", "(99999999999,)", "(1, 1, 1, 1)", "('a',)", "(True,)", "(2.5,)")
    header = content[10:end].decode("latin-1")
    if draw.random() < 0.5:
        header = re.sub(r"'descr': [^,]*,", f"'descr': {draw.choice(types)},", header)
    else:
        header = re.sub(r"'shape': \([^)]*\)", f"'shape': {draw.choice(shapes)}", header)
    said = header.rstrip().encode("latin-1")
    return content[:8] + len(said).to_bytes(2, "little") + said + content[end:]


def in_onnx(whole: bytes, draw: random.Random) -> bytes:
    """A graph that parses: other sizes, types, names, numbers, operators or metadata."""
    import onnx

    model = onnx.ModelProto.FromString(whole)
    for _ in range(draw.choice((1, 1, 2, 5))):
        _change_onnx(model, draw)
    said: bytes = model.SerializeToString()
    return said


def _change_onnx(model: Any, draw: random.Random) -> None:
    graph = model.graph
    match draw.randrange(9):
        case 0:
            tensor = draw.choice(graph.initializer)
            tensor.dims[:] = draw.choice(([], [0], [-1], [2**40], [10**9, 10**9], [*tensor.dims, 2], [1, *tensor.dims]))
        case 1:
            tensor = draw.choice(graph.initializer)
            if tensor.raw_data:
                tensor.raw_data = damaged(tensor.raw_data, draw)
            elif tensor.string_data:
                tensor.string_data[draw.randrange(len(tensor.string_data))] = draw.choice(WRITTEN).encode()
        case 2:
            draw.choice(graph.initializer).data_type = draw.randrange(0, 24)
        case 3:
            node = draw.choice(graph.node)
            node.op_type = draw.choice(
                ("Loop", "If", "Reshape", "Expand", "Tile", "Nothing", "Identity", "Pad", "Gather")
            )
        case 4:
            node = draw.choice([n for n in graph.node if n.input])
            node.input[draw.randrange(len(node.input))] = draw.choice(
                ("", "nothing", *(t.name for t in graph.initializer))
            )
        case 5:
            node = draw.choice([n for n in graph.node if n.attribute])
            attribute = draw.choice(node.attribute)
            attribute.i, attribute.f = draw.choice((-1, 0, 99, 2**62)), draw.choice((0.0, -1.0, 1e38))
            if attribute.ints:
                attribute.ints[draw.randrange(len(attribute.ints))] = draw.choice((-1, 0, 10**9, 2**62))
            if attribute.strings:
                attribute.strings[draw.randrange(len(attribute.strings))] = draw.choice(WRITTEN).encode()
            if attribute.s:
                attribute.s = damaged(attribute.s, draw)
        case 6:
            end = draw.choice([*graph.input, *graph.output])
            end.name = draw.choice((end.name + "x", "", "\x1b[2J", draw.choice(graph.output).name))
        case 7:
            said = draw.choice(model.metadata_props)
            text = said.value.encode("utf-8")
            change = in_json if text[:1] in (b"{", b"[") and draw.random() < 0.7 else damaged
            said.value = change(text, draw).decode("utf-8", "replace")
        case 8:
            del graph.node[draw.randrange(len(graph.node))]


DAMAGE: dict[str, tuple[Damage, ...]] = {
    "json": (damaged, in_json),
    "jsonl": (damaged, in_json_line),
    "toml": (damaged, in_toml),
    "zip": (damaged, in_zip),
    "gz": (damaged, in_gzip),
    "onnx": (damaged, in_onnx),
    "bytes": (damaged,),
}
"""What is done to a file of a sort; a draw chooses."""
