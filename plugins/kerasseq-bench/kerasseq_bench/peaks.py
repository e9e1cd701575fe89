"""The most memory that a command takes, with all processes that it starts."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

__all__ = ["Peaks", "watched"]

SECONDS = 0.02
"""Between two looks."""


@dataclass(frozen=True)
class Peaks:
    """Of a process and those below it together, bytes.

    Attributes:
        anonymous: What lies in memory alone. Pages of mapped files are no part of it: the system takes them back when
            others need the room.
        resident: All pages in memory, those of mapped files too, a shared one as often as it is mapped.
    """

    anonymous: int
    resident: int


def watched(command: Sequence[str], log: IO[str]) -> tuple[int, Peaks]:
    """Run a command to its end, looking at it all the time; its exit code, and the most of each."""
    process = subprocess.Popen(command, stdout=log, stderr=log)
    anonymous = resident = 0
    try:
        while process.poll() is None:
            held = [_held(each) for each in _below(process.pid)]
            anonymous = max(anonymous, sum(one for one, _ in held))
            resident = max(resident, sum(all_ for _, all_ in held))
            time.sleep(SECONDS)
    finally:
        process.kill()
        process.wait()
    return process.returncode, Peaks(anonymous, resident)


def _below(process: int) -> Iterator[int]:
    """It, and all that it and its own have started and that live."""
    yield process
    try:
        tasks = [*Path(f"/proc/{process}/task").iterdir()]
        children = " ".join(task.joinpath("children").read_text() for task in tasks).split()
    except OSError:  # it, or a thread of it, has ended meanwhile
        return
    for child in children:
        yield from _below(int(child))


def _held(process: int) -> tuple[int, int]:
    """Anonymous and resident bytes of one process; none of one that has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    found = dict(line.partition(":")[::2] for line in lines)
    anonymous, shared, resident = (
        1024 * int(found.get(name, "0").split()[0]) for name in ("RssAnon", "RssShmem", "VmRSS")
    )
    return anonymous + shared, resident
