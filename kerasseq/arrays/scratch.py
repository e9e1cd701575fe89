"""Large data on disk instead of in memory: temporary files without a name.

They lie in the folder for temporary files, which the environment variable TMPDIR moves. Nobody has to delete them: they
are gone with their last use, however the process ends.
"""

from __future__ import annotations

import contextlib
import mmap
import tempfile
import weakref
from collections.abc import Iterator
from typing import IO, Any

from kerasseq.errors import RunError

__all__ = ["CHUNK", "Scratch", "mapped", "release"]

CHUNK = 32_768
"""Rows that are objects of Python at once."""

_maps: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


class Scratch:
    """A temporary file: write it, then map it.

    Raises:
        RunError: There is no folder for it; from `writing`, there is no room.
    """

    def __init__(self) -> None:
        with _room():
            self.file: IO[bytes] = tempfile.TemporaryFile(prefix="kerasseq-")
        weakref.finalize(self, self.file.close)

    @contextlib.contextmanager
    def writing(self) -> Iterator[IO[bytes]]:
        """The file, to be written to; a full disk is an error that says where and what to do."""
        # Never by a map: where the disk is full, a write into a map ends the process
        with _room():
            yield self.file
            self.file.flush()

    def map(self) -> mmap.mmap:
        """What was written, at least one byte; the file lasts as long as the map."""
        with self.file:
            return mapped(self.file)


def mapped(file: IO[Any]) -> mmap.mmap:
    """A file that is read where it is used; `release` lets go of what was."""
    found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _maps.add(found)
    return found


def release() -> None:
    """Let the pages of all maps go out of memory; those that are used again are read again."""
    advice = getattr(mmap, "MADV_DONTNEED", None)  # Windows has none
    if advice is not None:
        for found in list(_maps):
            if not found.closed:
                found.madvise(advice)


@contextlib.contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        folder = tempfile.gettempdir() if tempfile.tempdir else "the folder for temporary files"
        got = f"got {(cause.strerror or str(cause)).lower()}; TMPDIR names another folder"
        raise RunError(f"{folder}: must have room for the rows on disk, {got}") from cause
