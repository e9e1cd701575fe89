"""A JSON list of objects as jsonl, so that one reader reads both: the object n of the list is line n."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kerasseq.datasets.large import Content
from kerasseq.datasets.problems import RowProblem
from kerasseq.errors import DataError

__all__ = ["as_lines", "first_lines", "is_list"]

_SPACE = re.compile(r"[ \t\r\n]*")
_START = re.compile(rb"[ \t\r\n]*\[")


def is_list(data: Content) -> bool:
    r"""Whether UTF-8 text is a JSON list, or begins as one.

    >>> is_list(b'\n[{"text": "a"}]'), is_list(b'{"text": "a"}\n')
    (True, False)
    """
    return _START.match(data) is not None


def as_lines(data: Content, source: str) -> Content:
    r"""A list as jsonl; anything else as it is.

    Args:
        data: The file, UTF-8.
        source: Its name in messages.

    Raises:
        DataError: The list is no JSON, with the line and the character.

    >>> as_lines(b'[{"a": 1},\n {"a":\n 2}]', "rows.json")
    b'{"a": 1}\n{"a":  2}\n'
    """
    if not is_list(data):
        return data
    text = data[:].decode()
    try:
        return "".join(f"{value}\n" for value in _values(text)).encode()
    except json.JSONDecodeError as cause:
        message = f"must be JSON: {cause.msg.lower()}"
        raise DataError(RowProblem(cause.lineno, f"character {cause.colno}", message).render(source)) from cause
    except RecursionError as cause:
        message = "must be a list of objects, got values nested too deeply"
        raise DataError(RowProblem(1, "character 1", message).render(source)) from cause


def first_lines(text: str, rows: int) -> str:
    """The same of the start of a file, which may be cut off: at most `rows` objects of a list."""
    if not text.startswith("[", _past(text, 0)):
        return text
    lines: list[str] = []
    try:
        for value in _values(text):
            lines.append(value)
            if len(lines) == rows:
                break
    except (json.JSONDecodeError, RecursionError):
        pass  # whoever reads the whole file says what is wrong
    return "\n".join(lines)


def _values(text: str) -> Iterator[str]:
    """What stands in the list, each on one line: JSON has line ends between values alone."""
    decoder = json.JSONDecoder()
    place = _past(text, _past(text, 0) + 1)
    while not text.startswith("]", place):
        _, end = decoder.raw_decode(text, place)
        yield text[place:end].replace("\r", " ").replace("\n", " ")
        place = _past(text, end)
        if text.startswith(",", place):
            place = _past(text, place + 1)
            if text.startswith("]", place):
                raise json.JSONDecodeError("Expecting value", text, place)
        elif not text.startswith("]", place):
            raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
    if _past(text, place + 1) < len(text):
        raise json.JSONDecodeError("Extra data", text, place + 1)


def _past(text: str, place: int) -> int:
    """Behind white space."""
    found = _SPACE.match(text, place)
    return place if found is None else found.end()
