"""The text of a config: read from disk, and parsed, with messages that say what to write instead."""

from __future__ import annotations

import codecs
import re
import tomllib
from pathlib import Path
from typing import Any

from kerasseq.config.positions import repeats
from kerasseq.errors import ConfigError, Problem
from kerasseq.registry.components import closest

__all__ = ["START", "parse", "read_file"]

START = "`kerasseq config new FILE` writes one"


def read_file(path: Path | str) -> str:
    """The text of a config; a byte-order mark is read away.

    Raises:
        ConfigError: The file is missing, a directory, not UTF-8 or empty.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except FileNotFoundError as cause:
        raise _problem(f"there is no such file{_neighbour(file)}", path) from cause
    except IsADirectoryError as cause:
        raise _problem(f"must be a TOML file, got a directory{_inside(file)}", path) from cause
    except (OSError, ValueError) as cause:
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
        raise _problem(f"cannot be read: {reason.lower()}", path) from cause
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _problem("must be UTF-8, got UTF-16; save it again as UTF-8", path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        before = data[: cause.start].rsplit(b"\n", 1)[-1].decode("utf-8", "replace")
        line, column = data.count(b"\n", 0, cause.start) + 1, len(before) + 1
        message = f"must be UTF-8, got byte 0x{data[cause.start]:02X}; save it again as UTF-8"
        raise ConfigError([Problem("", message, line, column)], str(path)) from cause
    if not text.strip():
        raise _problem(f"is empty; {START}", path)
    return text


def parse(text: str, source: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        ConfigError: It is no TOML; a key or a section that is given twice is named with both lines.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        twice = [Problem(*each) for each in repeats(text)]
        raise ConfigError(twice or [_syntax(cause, text)], source) from cause
    except RecursionError as cause:
        raise _problem("must be TOML with at most some hundred lists inside lists", source) from cause
    except ValueError as cause:  # Python refuses to read a number of more than 4300 digits
        number = re.search(r"\d{640,}", text)
        line = text.count("\n", 0, number.start()) + 1 if number else 0
        raise ConfigError([Problem("", "holds a number with too many digits", line, int(line > 0))], source) from cause


def _problem(message: str, source: Path | str) -> ConfigError:
    return ConfigError([Problem("", message)], str(source))


def _neighbour(file: Path) -> str:
    folder = file.parent
    if not folder.is_dir():
        return f"; there is no folder {folder}"
    stems = {p.stem: p for p in folder.glob("*.toml")}
    close = closest(file.stem, stems)
    return f'; did you mean "{stems[close]}"?' if close else ""


def _inside(folder: Path) -> str:
    inside = sorted(p.name for p in folder.glob("*.toml"))
    return f"; it holds {', '.join(inside[:8])}" if inside else ""


def _syntax(cause: tomllib.TOMLDecodeError, text: str) -> Problem:
    where = re.search(r" \(at line (\d+), column (\d+)\)", str(cause))
    lines = text.splitlines() or [""]
    line, column = (int(where[1]), int(where[2])) if where else (len(lines), len(lines[-1]) + 1)
    row = lines[line - 1] if line <= len(lines) else ""
    message = str(cause).split(" (at ")[0]
    message = f"{message[:1].lower()}{message[1:]}"
    return Problem("", f"must be TOML: {message}{_advice(message, row, column)}", line, column)


def _advice(message: str, row: str, column: int) -> str:
    """What to write instead, as far as the line tells."""
    value = re.split(r"\s*(?:#|$)", row[column - 1 :], maxsplit=1)[0]
    if message.startswith("invalid value"):
        if value.lower() in ("true", "false"):
            return f", got {value}; write {value.lower()}"
        if value[:1] in ("“", "”", "„", "«", "’", "‘"):
            return f', got {value}; write straight quotes: "{value[1:-1]}"'
        return f', got {value}; a text needs quotes: "{value}"' if value else "; a value must follow the ="
    if message.startswith(("unescaped '\\'", "invalid hex value")):
        return "; in double quotes \\ starts an escape: write a path with /, or in single quotes"
    if message.startswith("expected '=' after a key"):
        return "; write key = value"
    if message.startswith("illegal character '\\n'"):
        return "; a text ends with its quote on the same line"
    if message.startswith("expected newline"):
        return f", got {value}; one setting a line" if value else ""
    return ""
