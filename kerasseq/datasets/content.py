"""The bytes of a text file as UTF-8; where they are not, the line, the byte and the encoding that would read them."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Callable
from pathlib import Path

from kerasseq.datasets.problems import RowProblem, shown
from kerasseq.errors import DataError

__all__ = ["head", "read_bytes", "suggest", "to_utf8"]

_GZIP = b"\x1f\x8b"
_ARABIC = re.compile(r"[\u0600-\u06ff]")


def read_bytes(path: Path | str) -> bytes:
    """Everything in a file; a gzip stream is unpacked.

    Raises:
        DataError: The file cannot be read or its gzip stream is damaged.
    """
    try:
        data = Path(path).read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (EOFError, zlib.error, gzip.BadGzipFile) as cause:
        raise DataError(f"{shown(path)}: must be a whole gz file, got a damaged one: {cause}") from cause
    except OSError as cause:
        raise DataError(f"{shown(path)}: cannot be read: {cause.strerror or cause}") from cause


def head(path: Path | str, encoding: str, size: int = 1 << 18) -> str:
    """The first `size` bytes as text, unpacked, without a byte-order mark; undecodable bytes become U+FFFD."""
    with Path(path).open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        data = gzip.GzipFile(fileobj=raw).read(size) if packed else raw.read(size)
    return codecs.getincrementaldecoder(encoding)("replace").decode(data).removeprefix("\ufeff")


def to_utf8(data: bytes, encoding: str, source: str, column_at: Callable[[str], str]) -> bytes:
    """The same text in UTF-8, without a byte-order mark.

    Args:
        data: The whole file.
        encoding: The codec it should be in.
        source: The file's name in messages.
        column_at: From the text before a place to the name of the column at that place.

    Raises:
        DataError: `data` is in another encoding; says line, column, byte and which encoding would read it.
    """
    name = codecs.lookup(encoding).name
    if name in ("utf-8", "utf-8-sig"):
        data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as cause:
        problem = _undecodable(data, encoding, cause.start, column_at)
        raise DataError(problem.render(source)) from cause
    if name in ("utf-8", "utf-8-sig", "ascii"):
        return data
    if not data.isascii() and _decodes(data, "utf-8"):
        start = next(i for i, byte in enumerate(data) if byte > 127)
        before = data[:start].decode("utf-8").removeprefix("\ufeff")
        message = f'must be {encoding}, got a file that is utf-8 throughout; encoding = "utf-8" reads it'
        raise DataError(RowProblem(before.count("\n") + 1, column_at(before), message).render(source))
    return text.removeprefix("\ufeff").encode()


def suggest(data: bytes) -> str:
    """The encoding that `data` is probably in: a byte-order mark, utf-8, Arabic letters in cp1256, else latin-1.

    >>> suggest("نص".encode("cp1256")), suggest("café".encode("latin-1"))
    ('cp1256', 'latin-1')
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _decodes(data, "utf-8"):
        return "utf-8"
    foreign = [c for c in data.decode("cp1256") if ord(c) > 127]
    arabic = sum(1 for c in foreign if _ARABIC.match(c))
    return "cp1256" if 2 * arabic > len(foreign) else "latin-1"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(data: bytes, encoding: str, start: int, column_at: Callable[[str], str]) -> RowProblem:
    before = data[:start].decode(encoding, "replace").removeprefix("\ufeff")
    line = before.count("\n") + 1
    place = len(before.rpartition("\n")[2].encode(encoding, "replace")) + 1
    lines = data.split(b"\n")
    bad = [row for row in lines if not _decodes(row, encoding)]
    whole = [row for row in lines if not row.isascii() and _decodes(row, encoding)]
    message = f"must be {encoding}, got byte 0x{data[start]:02X} (byte {place} of the line)"
    better = suggest(data)
    if codecs.lookup(encoding).name.startswith("utf-8") and whole and better != "utf-16":
        counts = f"{len(bad):,} of {len(lines):,} lines are not {encoding}"
        return RowProblem(
            line, column_at(before), f"{message}; {counts}, they read as {suggest(b''.join(bad))}: mend them"
        )
    return RowProblem(line, column_at(before), f'{message}; encoding = "{better}" reads the file')
