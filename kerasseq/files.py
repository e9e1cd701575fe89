"""Files that are whole or absent: atomic writes, csv and JSON, and what a damaged file is."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import math
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kerasseq.errors import DataError, KerasseqError, RunError, UsageError

__all__ = [
    "atomic",
    "cell",
    "csv_text",
    "damage",
    "fingerprint",
    "guarded",
    "is_temporary",
    "long_fields",
    "sound",
    "write_json",
    "write_text",
]

PIECES = 64
PIECE = 1 << 16
"""Of a file, what `fingerprint` reads."""


def _token() -> str:
    """What no other name has; `secrets` would take a command longer to import than to ask the system."""
    return os.urandom(4).hex()


@contextlib.contextmanager
def atomic(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it onto `path` when the block ends well.

    The file appears whole or not at all: an exception, or a kill, leaves the old `path` as it was. Who may read it, the
    umask says.
    The temporary name keeps the suffix of `path`, because Keras chooses a format by it.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = None
    try:
        new = target.with_name(f".{target.stem}-{_token()}{target.suffix}")
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))  # less the umask
        temporary = new
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
    except OSError as cause:
        # A full disk does not say where it is full, and nobody knows the temporary name
        if cause.filename is None or Path(str(cause.filename)).name.startswith(f".{target.stem}-"):
            cause.filename = str(target)
        raise
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def is_temporary(path: Path) -> bool:
    """Whether `atomic` writes under such a name, which a kill leaves.

    >>> is_temporary(Path(".last-0a1b2c3d.npz")), is_temporary(Path("last-0a1b2c3d.npz"))
    (True, False)
    """
    return re.fullmatch(r"\..+-[0-9a-f]{8}(\.[^.]*)?", path.name) is not None


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text atomically, with `\\n` line ends on every system."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` as indented UTF-8 JSON, atomically. NaN and infinity are refused."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def sound(value: Any) -> Any:
    """A value as JSON can say it: a number that is none, or infinite, is null.

    >>> sound({"r2": float("nan"), "mae": [0.5, float("inf")]})
    {'r2': None, 'mae': [0.5, None]}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): sound(inner) for key, inner in value.items()}
    return [sound(inner) for inner in value] if isinstance(value, list | tuple) else value


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    r"""Rows as csv, each ended by one line feed.

    >>> csv_text([["text", "score"], ["a, b", 1.5]])
    'text,score\n"a, b",1.5\n'
    """
    # The writer quotes the characters of its own line end alone: ended by a line feed it would leave a carriage
    # return bare, which no csv reader takes for a part of a field
    lines = []
    for row in rows:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\r\n").writerow(row)
        lines.append(buffer.getvalue()[:-2])
    return "\n".join([*lines, ""])


def cell(value: Any) -> Any:
    """A value of csv; those of a list with spaces between.

    >>> cell(["O", "B-place"]), cell([[0, 2], [3, 5]]), cell(0.5)
    ('O B-place', '0 2 3 5', 0.5)
    """
    return " ".join(str(cell(inner)) for inner in value) if isinstance(value, list) else value


@contextlib.contextmanager
def long_fields() -> Iterator[None]:
    """Let csv read fields of any length; without it a text of more than 131,072 characters is an error."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


@contextlib.contextmanager
def guarded(path: Path | str, rule: str, hint: str = "") -> Iterator[None]:
    """Within, a file from elsewhere is read; whatever its bytes make a reader raise is one error that names it.

    What an attacker, a full disk or a flipped bit makes of a file is beyond any list of exceptions, and what a list
    lacks would reach the user without the file's name. The cause stays behind the error.

    Args:
        path: The file.
        rule: What it must be: `"a checkpoint"`.
        hint: What to do.

    Raises:
        RunError: Reading failed in a way that nobody foresaw.
    """
    told = f"; {hint}" if hint else ""
    try:
        yield
    except (DataError, UsageError) as cause:  # of a reader that knows no run
        said = str(cause).removeprefix(f"{path}: ")
        raise RunError(f"{path}: must be {rule}: {said}{told}") from cause
    except KerasseqError:
        raise
    except Exception as cause:
        raise RunError(f"{path}: must be {rule}, got {damage(cause)}{told}") from cause


def damage(cause: Exception) -> str:
    """What reading a damaged file came upon, in a few words; never its content.

    >>> damage(KeyError("labels")), damage(UnicodeDecodeError("utf-8", b"", 0, 1, "invalid start byte"))
    ('nothing called "labels"', 'a file that is cut off or was written over')
    """
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    if isinstance(cause, KeyError):
        return f'nothing called "{cause.args[0]}"' if cause.args else "nothing under a name"
    if isinstance(cause, json.JSONDecodeError | UnicodeDecodeError | zipfile.BadZipFile | zlib.error | EOFError):
        return "a file that is cut off or was written over"
    if isinstance(cause, RecursionError):
        return "values that are nested too deeply"
    if isinstance(cause, MemoryError):
        return "more than fits into memory"
    said = (str(cause).splitlines() or [""])[0]
    return f"{type(cause).__name__}: {said[:200]}"


def fingerprint(path: Path | str) -> str:
    """Tells files apart without reading large ones whole: their size, and pieces of 64 KiB from beginning to end."""
    size = os.path.getsize(path)
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    with open(path, "rb") as file:
        for number in range(PIECES):
            file.seek(max(size - PIECE, 0) * number // (PIECES - 1))
            digest.update(file.read(PIECE))
    return digest.hexdigest()
