"""The bytes of a text file as UTF-8; where they are not, the line, the byte and the encoding that would read them."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Callable
from pathlib import Path

from kerasseq.datasets.problems import RowProblem, shown
from kerasseq.datasets.unpacked import most_unpacked, too_large
from kerasseq.errors import DataError

__all__ = ["GZIP", "RATIO", "UNPACKED", "decodes", "head", "read_bytes", "start_of", "suggest", "to_utf8"]

GZIP = b"\x1f\x8b"
"""How a gzip stream begins."""

LONGEST = 1 << 25
"""Bytes of a first line at most."""

UNPACKED = 1 << 26
"""Bytes that a gzip stream may unpack to in any case."""

RATIO = 32
"""How many times its size one may unpack to; text gets 3 to 20 times smaller, a trap a thousand times."""

_ENDS = re.compile(rb"[\r\n]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_NO_TEXT = {
    b"PK\x03\x04": "an Excel workbook or another zip archive; save the sheet as CSV in UTF-8",
    b"\xd0\xcf\x11\xe0": "an Excel workbook of the old kind; save the sheet as CSV in UTF-8",
    b"PAR1": 'a parquet file; set format = "parquet"',
    b"BZh": "a bz2 archive; unpack it, only gz is read packed",
    b"\xfd7zXZ": "an xz archive; unpack it, only gz is read packed",
    b"\x28\xb5\x2f\xfd": "a zstd archive; unpack it, only gz is read packed",
}
"""How a file begins that is no text, and what it is."""


def read_bytes(path: Path | str) -> bytes:
    """Everything in a file; a gzip stream is unpacked.

    Raises:
        DataError: The file cannot be read, its gzip stream is damaged, or it holds no text.
    """
    return start_of(path, -1)


def head(path: Path | str, encoding: str, size: int = 1 << 18) -> str:
    """The first `size` bytes as text, unpacked, without a byte-order mark; undecodable bytes become U+FFFD. Where they
    are all of one line, so much more that it is whole, up to `LONGEST`.

    Raises:
        DataError: The file cannot be read, its gzip stream is damaged, or it holds no text.
    """
    data = start_of(path, size)
    while len(data) == size < LONGEST and not _ENDS.search(data):
        size = min(8 * size, LONGEST)
        data = start_of(path, size)
    try:
        return codecs.getincrementaldecoder(encoding)("replace").decode(data).removeprefix("\ufeff")
    except UnicodeError as cause:  # utf-16 and utf-32 need a byte-order mark
        message = f'must be {encoding}, got no byte-order mark; encoding = "{suggest(data)}" reads it'
        raise DataError(f"{shown(path)}: {message}") from cause


def start_of(path: Path | str, size: int) -> bytes:
    """The first `size` bytes, unpacked; below 0 for all.

    Raises:
        DataError: The file cannot be read, its gzip stream is damaged, or it holds no text.
    """
    try:
        with Path(path).open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            most = most_unpacked(path, RATIO, UNPACKED)
            data = gzip.GzipFile(fileobj=raw).read(most + 1 if size < 0 else size) if packed else raw.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as cause:
        raise DataError(f"{shown(path)}: must be a whole gz file, got a damaged one: {cause}") from cause
    except OSError as cause:
        raise DataError(f"{shown(path)}: cannot be read: {(cause.strerror or str(cause)).lower()}") from cause
    if packed and size < 0 and len(data) > most:
        raise DataError(f"{shown(path)}: {too_large(most)}")
    for start, what in _NO_TEXT.items():
        if data.startswith(start) and b"\0" in data:  # letters alone may begin a text, too
            raise DataError(f"{shown(path)}: must be a text file, got {what}")
    return data


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
        if data[:2].count(0) == 1:
            message = (
                f'must be {encoding}, got a zero byte beside each character; encoding = "{suggest(data)}" reads it'
            )
            raise DataError(RowProblem(1, column_at(""), message).render(source))
        return data
    if not data.isascii() and decodes(data, "utf-8"):
        start = next(i for i, byte in enumerate(data) if byte > 127)
        before = data[:start].decode("utf-8").removeprefix("\ufeff")
        message = f'must be {encoding}, got a file that is utf-8 throughout; encoding = "utf-8" reads it'
        raise DataError(RowProblem(before.count("\n") + 1, column_at(before), message).render(source))
    return text.removeprefix("\ufeff").encode()


def suggest(data: bytes) -> str:
    r"""The encoding that `data` is probably in: a byte-order mark, utf-8, Arabic in cp1256, else cp1252 or latin-1.

    A file of which most lines with other letters than ASCII are UTF-8 is in UTF-8, with some lines that are wrong.

    >>> suggest("نص".encode("cp1256")), suggest("café".encode("latin-1")), suggest("“so”".encode("cp1252"))
    ('cp1256', 'latin-1', 'cp1252')
    >>> suggest("café\nnaïve\n".encode() + b"caf\xe9")
    'utf-8'
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data[:2].count(0) == 1:  # no text begins with a zero character, two bytes of UTF-16 without a mark do
        return "utf-16-be" if data[0] == 0 else "utf-16-le"
    if decodes(data, "utf-8"):
        return "utf-8"
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    if 2 * sum(decodes(line, "utf-8") for line in lines) > len(lines):
        return "utf-8"
    foreign = [c for c in data.decode("cp1256") if ord(c) > 127]
    arabic = sum(1 for c in foreign if _ARABIC.match(c))
    if 2 * arabic > len(foreign):
        return "cp1256"
    controls = any(0x80 <= byte <= 0x9F for byte in data)  # signs in cp1252, nothing that a text has in latin-1
    return "cp1252" if controls and decodes(data, "cp1252") else "latin-1"


def decodes(data: bytes, encoding: str) -> bool:
    """Whether `encoding` reads `data`."""
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
    bad = [row for row in lines if not decodes(row, encoding)]
    whole = [row for row in lines if not row.isascii() and decodes(row, encoding)]
    message = f"must be {encoding}, got byte 0x{data[start]:02X} (byte {place} of the line)"
    better = suggest(data)
    if codecs.lookup(encoding).name.startswith("utf-8") and whole and not better.startswith("utf-16"):
        counts = f"{len(bad):,} of {len(lines):,} lines are not {encoding}"
        return RowProblem(
            line, column_at(before), f"{message}; {counts}, they read as {suggest(b''.join(bad))}: mend them"
        )
    return RowProblem(line, column_at(before), f'{message}; encoding = "{better}" reads the file')
