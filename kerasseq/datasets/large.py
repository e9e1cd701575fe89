"""Text files that are too large to be read as a whole: mapped, and parsed block by block."""

from __future__ import annotations

import codecs
import gzip
import mmap
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from kerasseq.arrays.scratch import Scratch, mapped, release
from kerasseq.datasets.content import GZIP, RATIO, UNPACKED, read_bytes, start_of, to_utf8
from kerasseq.datasets.unpacked import most_unpacked, too_large
from kerasseq.errors import DataError

__all__ = ["Content", "blocks", "read_content"]

Content = bytes | mmap.mmap
"""A text file in UTF-8, without a byte-order mark: in memory, or mapped."""

LARGE = 1 << 26
"""Bytes, unpacked, up to which a file is read as a whole."""
LONGEST = 1 << 26
"""Bytes of a line of a large file, at most."""
BLOCK = 1 << 24
"""Bytes that are parsed together."""


def read_content(path: Path | str, encoding: str, source: str, column_at: Callable[[str], str]) -> Content:
    """Everything in a file as UTF-8; see `read_bytes` and `to_utf8`.

    Raises:
        DataError: As these two do.
        RunError: A large file has to be unpacked or written as UTF-8, and there is no room on disk.
    """
    if len(start_of(path, LARGE + 1)) > LARGE:
        found = _large(path, encoding, source)
        if found is not None:
            return found
    return to_utf8(read_bytes(path), encoding, source, column_at)


def blocks(data: Content, start: int = 0) -> Iterator[tuple[int, bytes]]:
    r"""Pieces of whole lines, of about `BLOCK` bytes, each with its place in `data`; at least one, maybe empty.

    Args:
        data: The file.
        start: Where a line begins.

    >>> list(blocks(b"text\na\n"))
    [(0, b'text\na\n')]
    """
    while True:
        end = len(data) if len(data) - start <= BLOCK else data.rfind(b"\n", start, start + BLOCK) + 1
        if end <= start < len(data):  # a line that is longer than a block
            end = data.find(b"\n", start) + 1 or len(data)
        yield start, data[start:end]
        if end == len(data):
            return
        start = end
        release()


def _large(path: Path | str, encoding: str, source: str) -> mmap.mmap | None:
    """A large file, mapped; None where something may be wrong with it, which `to_utf8` then says."""
    with Path(path).open("rb") as raw:
        start = raw.read(3)
        raw.seek(0)
        packed = start.startswith(GZIP)
        most = most_unpacked(path, RATIO, UNPACKED) if packed else 0
        stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]
        pieces = _with_lines(_pieces(_bounded(stream, most, source), codecs.lookup(encoding).name), source)
        try:
            if encoding == "utf-8" and not packed and start != codecs.BOM_UTF8:
                for _ in pieces:
                    pass
                return mapped(raw)
            scratch = Scratch()
            with scratch.writing() as file:
                file.writelines(pieces)
        except (UnicodeError, EOFError, zlib.error, gzip.BadGzipFile):
            return None
    return scratch.map()


def _with_lines(pieces: Iterator[bytes], source: str) -> Iterator[bytes]:
    """The pieces, as long as lines end: one is in memory as a whole, several times. A list of JSON has no lines.

    Raises:
        DataError: One does not.
    """
    length, first = 0, next(pieces, b"")
    if first.lstrip().startswith(b"["):
        yield first
        yield from pieces
        return
    for piece in chain([first], pieces):
        length = length + len(piece) if b"\n" not in piece else len(piece) - piece.rfind(b"\n")
        if length > LONGEST:
            raise DataError(f"{source}: must have lines of at most {LONGEST:,} bytes, got a longer one")
        yield piece


def _bounded(stream: IO[bytes], most: int, source: str) -> Iterator[bytes]:
    """Blocks, and an empty one as the last.

    Raises:
        DataError: There are more than `most` bytes; 0 allows any number.
    """
    total = 0
    while data := stream.read(BLOCK):
        total += len(data)
        if 0 < most < total:
            raise DataError(f"{source}: {too_large(most)}")
        yield data
    yield b""


def _pieces(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """A file as UTF-8, piece by piece.

    Raises:
        UnicodeError: It is not in `encoding`; or it should not be in UTF-8, and is.
    """
    unicode = encoding in ("utf-8", "utf-8-sig", "ascii")
    decoder = codecs.getincrementaldecoder("utf-8" if encoding == "utf-8-sig" else encoding)()
    doubt = None if unicode else codecs.getincrementaldecoder("utf-8")()
    first, plain = True, True
    for data in blocks:
        if first and unicode and data[:2].count(0) == 1:
            raise UnicodeError("UTF-16 without a byte-order mark")
        text = decoder.decode(data, final=not data)
        plain = plain and data.isascii()
        if doubt is not None:
            try:
                doubt.decode(data, final=not data)
            except UnicodeDecodeError:
                doubt = None
        yield (text.removeprefix("\ufeff") if first else text).encode()
        first = False
    if doubt is not None and not plain:
        raise UnicodeError("UTF-8 throughout")
