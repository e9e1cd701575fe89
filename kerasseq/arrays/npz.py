"""Arrays of an .npz file, judged before they take memory: what the archive says, then the header, then the numbers."""

from __future__ import annotations

import io
import math
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, TypeVar

from kerasseq.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Member", "Npz"]

Answer = TypeVar("Answer")

_HEADER = 1 << 16
"""Bytes of a header: one of a plain array has under 200."""
_DEFLATE = 1032
"""How many times its packed size a deflated stream can unpack to, at most."""
_LARGE = 1 << 30
"""Bytes from which an array that shrinks like a page of zeros is taken for a trap."""
_ZEROS = 100
"""How many times smaller such an array is packed."""
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, OverflowError),
    *(ValueError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError, UserWarning),
)
"""What zipfile and numpy raise on bytes that are none of theirs."""


@dataclass(frozen=True)
class Member:
    """What an array says of itself.

    Attributes:
        shape: Its shape.
        dtype: Its type: numbers, booleans or strings, never objects.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __str__(self) -> str:
        return f"{self.shape} of {self.dtype}"


class Npz:
    """An open .npz file; nothing in it is ever unpickled.

    Args:
        path: The file.
        source: What messages call it; its path where nothing is said.

    Raises:
        DataError: It cannot be read, or is no zip archive.
    """

    def __init__(self, path: Path | str, source: str = "") -> None:
        self.source = source or str(path)
        self._file = _guarded(self.source, lambda: Path(path).open("rb"))
        try:
            self._size = self._file.seek(0, 2)
            self._zip = _guarded(self.source, lambda: zipfile.ZipFile(self._file))
        except DataError:
            self._file.close()
            raise
        self._members = {info.filename.removesuffix(".npy"): info for info in self._zip.infolist()}

    def __enter__(self) -> Npz:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()
        self._file.close()

    @property
    def names(self) -> list[str]:
        """The arrays, in the order of the file."""
        return list(self._members)

    def member(self, name: str) -> Member:
        """Shape and type of the array `name`, which must be there; no number of it is read.

        Raises:
            DataError: Its header is damaged, is longer than any, asks for Python objects, or does not agree with the
                size that the archive gives it; or that size is beyond what its packed bytes can hold.
        """
        info = self._members[name]
        place = f"{self.source}: {name}"
        self._check_size(info, place)
        with _guarded(place, lambda: self._zip.open(info)) as stream:
            found, start = _guarded(place, lambda: _header(stream, place))
        if found.dtype.hasobject:
            raise DataError(f"{place}: must be an array of numbers or strings, got Python objects")
        says = math.prod(found.shape) * found.dtype.itemsize
        if says != info.file_size - start:
            got = f"{found}, {says:,} bytes, in {info.file_size - start:,}"
            raise DataError(f"{place}: must have as many bytes as its header says, got {got}")
        if not says and found.shape[:1] != (0,):  # rows of nothing take no bytes, and may be any number
            raise DataError(f"{place}: must hold numbers or strings, got nothing in a shape of {found}")
        return found

    def _check_size(self, info: zipfile.ZipInfo, place: str) -> None:
        packed, whole = info.compress_size, info.file_size
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(f"{place}: must be stored or deflated, got method {info.compress_type}")
        if info.flag_bits & 1:
            raise DataError(f"{place}: must not be encrypted")
        most = packed if info.compress_type == zipfile.ZIP_STORED else packed * _DEFLATE + 64
        if packed > self._size or whole > most:
            got = f"{packed:,} that hold {whole:,}"
            raise DataError(f"{place}: must have no more bytes than the {self._size:,} of the file can hold, got {got}")
        if whole > max(_LARGE, packed * _ZEROS):
            rule = f"must be at most {_ZEROS} times its packed size, or {_LARGE:,} bytes"
            raise DataError(f"{place}: {rule}, got {whole:,} bytes from {packed:,}; save it with np.savez")

    def read(self, name: str) -> NDArray[Any]:
        """The array `name`.

        Raises:
            DataError: As `member`; or its bytes are damaged, or are no characters in an array of strings.
        """
        from numpy.lib import format as npy

        self.member(name)
        place = f"{self.source}: {name}"

        def read() -> NDArray[Any]:
            with self._zip.open(self._members[name]) as stream:
                array: NDArray[Any] = npy.read_array(stream, allow_pickle=False, max_header_size=_HEADER)
            return array

        array = _guarded(place, read)
        if array.dtype.kind == "U":
            _check_characters(array, place)
        return array


def _check_characters(array: NDArray[Any], place: str) -> None:
    """Each must be one that UTF-8 has: NumPy gives an array of others, and fails where a string is taken out of it."""
    import numpy as np

    code = array.reshape(-1).view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
    wrong = code[(code > 0x10FFFF) | ((code >= 0xD800) & (code <= 0xDFFF))]
    if len(wrong):
        raise DataError(f"{place}: must hold characters of Unicode, got U+{int(wrong[0]):04X}")


def _header(stream: IO[bytes], place: str) -> tuple[Member, int]:
    """Shape and type, and how many bytes stand before the numbers."""
    from numpy.lib import format as npy

    magic = stream.read(npy.MAGIC_LEN)
    readers = {(1, 0): (npy.read_array_header_1_0, 2), (2, 0): (npy.read_array_header_2_0, 4)}
    version = npy.read_magic(io.BytesIO(magic))
    if version not in readers:
        raise DataError(f"{place}: must be an array of one plain type (version 1 or 2), got version {version[0]}")
    read, digits = readers[version]
    length = stream.read(digits)
    size = int.from_bytes(length, "little")
    if size > _HEADER:
        raise DataError(f"{place}: header must be at most {_HEADER:,} bytes, got {size:,}")
    shape, _, dtype = read(io.BytesIO(length + stream.read(size)), _HEADER)
    if any(type(axis) is not int or axis < 0 for axis in shape):
        raise DataError(f"{place}: shape must be whole numbers of at least 0, got {str(shape)[:60]}")
    return Member(tuple(shape), dtype), len(magic) + digits + size


def _guarded(place: str, read: Callable[[], Answer]) -> Answer:
    """What `read` gives; whatever a damaged archive or array makes it raise is one error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy warns of a header that Python 2 wrote, and reads on
            return read()
    except OSError as cause:
        raise DataError(f"{place}: cannot be read: {(cause.strerror or str(cause)).lower()}") from cause
    except _BROKEN as cause:
        said = (str(cause).splitlines() or [type(cause).__name__])[0]
        raise DataError(
            f"{place}: must be a whole npz file, got a damaged one: {said[:1].lower()}{said[1:200]}"
        ) from cause
