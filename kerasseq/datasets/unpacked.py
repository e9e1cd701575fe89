"""How much a packed file may unpack to: what its size allows, or what the environment says."""

from __future__ import annotations

import os
from pathlib import Path

from kerasseq.errors import UsageError

__all__ = ["LIFTS", "most_unpacked", "too_large"]

LIFTS = "KERASSEQ_UNPACKED_MB"
"""The environment variable that is the bound of every packed file. A file and its experiment, which may be somebody
else's, cannot say it."""


def most_unpacked(path: Path | str, ratio: int, free: int) -> int:
    """Bytes that a file may unpack to: what the environment says, else `free`, or `ratio` times its size where that is
    more.

    Raises:
        UsageError: The environment says no whole number of megabytes.
    """
    said = os.environ.get(LIFTS, "")
    if not said:
        return max(free, ratio * Path(path).stat().st_size)
    if not (said.isascii() and said.isdigit() and int(said)):
        raise UsageError(f"{LIFTS}: must be a whole number of megabytes, 1 or more, got {said!r}")
    return int(said) << 20


def too_large(most: int) -> str:
    """What is wrong with a file that unpacks to more."""
    rule = f"must unpack to at most {most:,} bytes, by its size, got more"
    return f"{rule}; if that is what you expect, {LIFTS} allows so many megabytes"
