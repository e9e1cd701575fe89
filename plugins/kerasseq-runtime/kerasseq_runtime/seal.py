"""The digest of a file inside the file, by which a byte that changed on its way is noticed.

An ONNX file has no checksum: a bit that turns in a weight changes its answers and nothing else. So the last thing that
an export writes is the SHA-256 of all its bytes, into a place among its metadata that was zeros when it was computed.
"""

from __future__ import annotations

import hashlib
import mmap
from pathlib import Path

from kerasseq_runtime.errors import RunError

__all__ = ["KEY", "UNSEALED", "check_seal", "sealed"]

KEY = "kerasseq.file_sha256"
"""The entry of the metadata."""

UNSEALED = "0" * 64
"""What it holds when the digest is computed."""

_MARK = KEY.encode() + b"\x12\x40"
"""Its name, and what protobuf writes before a value of 64 bytes."""


def sealed(content: bytes) -> bytes:
    """The bytes of a file whose metadata have `KEY` with the value `UNSEALED`, with their digest in its place."""
    place = content.index(_MARK + UNSEALED.encode()) + len(_MARK)
    return content[:place] + hashlib.sha256(content).hexdigest().encode() + content[place + len(UNSEALED) :]


def check_seal(path: Path | str) -> None:
    """Raise unless a file has the bytes that it was written with; one without a digest says nothing of that.

    Raises:
        RunError: It has others.
    """
    with Path(path).open("rb") as file:
        if not file.seek(0, 2):
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            place = content.find(_MARK)
            if place < 0:
                return
            place += len(_MARK)
            with memoryview(content) as view:
                digest = hashlib.sha256(view[:place])
                digest.update(UNSEALED.encode())
                digest.update(view[place + len(UNSEALED) :])
            said = content[place : place + len(UNSEALED)]
    if digest.hexdigest().encode() != said:
        rule = "must have the bytes that it was written with, got others"
        hint = f"export it again; whoever changes one on purpose takes {KEY} out of its metadata"
        raise RunError(f"{path}: {rule}; {hint}")
