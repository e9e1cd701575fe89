"""A program in a process of its own, from its start to its end."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Used", "asked", "mebibytes", "run"]


class Used(NamedTuple):
    """What a process took.

    Attributes:
        seconds: Of the clock.
        cpu: Seconds of the processor.
        peak: Its largest memory, MiB.
    """

    seconds: float
    cpu: float
    peak: float


def run(*arguments: str, **environment: str) -> Used:
    """Run Python with these arguments.

    Raises:
        RunError: It did not end well; what it said is on stderr.
    """
    from kerasseq.plugin import RunError

    started = time.perf_counter()
    process = os.posix_spawn(sys.executable, [sys.executable, *arguments], {**os.environ, **environment})
    _, status, used = os.wait4(process, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise RunError(f"{' '.join(arguments)}: must end with exit code 0, got {code}")
    return Used(time.perf_counter() - started, used.ru_utime + used.ru_stime, mebibytes(used.ru_maxrss))


def asked(folder: Path, module: str, *arguments: str, job: dict[str, Any]) -> tuple[dict[str, Any], Used]:
    """Run a module that is told a job and writes a result; files of both stand in the folder meanwhile.

    Raises:
        RunError: See `run`.
    """
    given, out = folder / "job.json", folder / "out.json"
    given.write_text(json.dumps(job), encoding="utf-8")
    used = run("-m", module, *arguments, str(given), str(out))
    return json.loads(out.read_text(encoding="utf-8")), used


def mebibytes(maxrss: float) -> float:
    """`ru_maxrss` of the system, which is bytes on macOS and KiB elsewhere."""
    return maxrss / (1024**2 if sys.platform == "darwin" else 1024)
