"""jsonl: pyarrow where every line is one plain object, else the stdlib's json line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from kerasseq.datasets.large import Content, blocks
from kerasseq.datasets.problems import RowProblem
from kerasseq.datasets.scan import Scan

__all__ = ["ROWS", "keys_of", "nested_keys", "scan_jsonl"]


ROWS = 20
"""Objects whose keys are the columns."""


def scan_jsonl(data: Content, wanted: Sequence[str]) -> Iterator[Scan]:
    """Read the keys `wanted` from UTF-8 text with one JSON object a line; numbers and booleans become strings."""
    line = 1
    for _, block in blocks(data):
        scan = _fast(block, wanted, line)
        yield scan if scan is not None else _exact(block.decode(), wanted, line)
        line += block.count(b"\n")


def keys_of(text: str, rows: int = ROWS) -> list[str]:
    """The keys of the first objects, in order; a line that is no object is passed over."""
    keys: dict[str, None] = {}
    for line in text.split("\n")[:rows]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            keys.update(dict.fromkeys(row))
    return list(keys)


def nested_keys(data: bytes) -> set[str]:
    """The keys whose value is an object or a list in some line; a line that is no object is passed over.

    >>> nested_keys(b'{"text": "a", "meta": {"by": "me"}}')
    {'meta'}
    """
    found = set()
    for line in data.split(b"\n"):
        if line.count(b"{") + line.count(b"[") < 2:  # its own alone
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            found |= {key for key, value in row.items() if isinstance(value, dict | list)}
    return found


def _fast(data: bytes, wanted: Sequence[str], line: int) -> Scan | None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.json as pajson

    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    # Types are taken from the first row: left to infer them, pyarrow turns a text like "2020-01-01" into a timestamp
    try:
        first = json.loads(data[: data.find(b"\n") if b"\n" in data else len(data)])
        fields = [(name, types[type(first[name])]) for name in wanted]
        parse = pajson.ParseOptions(explicit_schema=pa.schema(fields), unexpected_field_behavior="ignore")
        read = pajson.ReadOptions(block_size=min(max(len(data), 1 << 20), 1 << 26))
        table = pajson.read_json(pa.BufferReader(data), read_options=read, parse_options=parse)
    except (ValueError, TypeError, KeyError, pa.ArrowException):
        return None
    if data.count(b"\n") + (not data.endswith(b"\n")) != table.num_rows:
        return None
    strings = pa.schema([(name, pa.string()) for name in wanted])
    lines = pa.array(np.arange(line, line + table.num_rows))
    return Scan(table.select(list(wanted)).cast(strings), lines)


def _exact(text: str, wanted: Sequence[str], first: int) -> Scan:
    rows: list[list[str | None]] = []
    lines: list[int] = []
    problems: list[RowProblem] = []
    for number, line in enumerate(text.split("\n"), first):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_constant=_refuse)
        except json.JSONDecodeError as cause:
            problems.append(RowProblem(number, f"character {cause.colno}", f"must be JSON: {cause.msg.lower()}"))
            continue
        except (ValueError, RecursionError) as cause:
            problems.append(RowProblem(number, "character 1", f"must be JSON: {cause}"))
            continue
        if not isinstance(row, dict):
            problems.append(RowProblem(number, "character 1", f"must be an object, got {_kind(row)}"))
            continue
        faults = [RowProblem(number, name, fault) for name in wanted if (fault := _fault(row.get(name)))]
        problems += faults
        if not faults:
            rows.append([_string(row.get(name)) for name in wanted])
            lines.append(number)
    return Scan.from_rows(wanted, rows, lines, problems)


def _fault(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"must be a text or a number, got {_kind(value)}"
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return "must be whole characters, got half of a surrogate pair"
    return ""


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")


def _string(value: Any) -> str | None:
    """As pyarrow casts it, so that a value reads the same on both paths: 1.0 is "1", true is "true"."""
    import pyarrow as pa

    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text: str = pa.scalar(value).cast(pa.string()).as_py()
    return text
