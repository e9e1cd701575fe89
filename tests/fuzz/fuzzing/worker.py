"""Reads damaged files in a process of its own, which may be ended by one: `python -m fuzzing.worker FOLDER`.

Takes `NUMBER KIND` a line: the number of a case, and the place of its kind. Says an object a line: how it went.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from fuzzing.damage import DAMAGE
from fuzzing.kinds import Kind, kinds

__all__ = ["case", "judged", "main", "spoiled"]

LONGEST = 30_000
"""Characters of a message: it may list all that is wrong, a line each."""

FORESEEN = ("KerasseqError", "ServeError", "Refused")
"""Bases of what is raised on purpose."""


def spoiled(kind: Kind, whole: bytes, number: int) -> bytes:
    """The bytes of a case; the same number gives the same."""
    draw = random.Random(f"{kind.name} {number}")
    return draw.choice(DAMAGE[kind.sort])(whole, draw)


def judged(kind: Kind, error: Exception) -> str:
    """What is wrong with an error; empty where it is one of ours that names the file."""
    if not any(base.__name__ in FORESEEN for base in type(error).__mro__):
        return f"{type(error).__name__}: {str(error)[:300]}"
    said = str(error)
    if len(said) > LONGEST:
        return f"a message of {len(said)} characters: {said[:100]}"
    names = (Path(kind.file).name, Path(kind.file).parent.name or "no folder")
    if kind.file.endswith(".body") or any(name in said for name in names):
        return ""
    return f"no file is named in: {said[:300]}"


def case(kind: Kind, folder: Path, whole: bytes, wanted: Any, number: int) -> str:
    """What is wrong with how a case was read; empty for nothing."""
    path = folder / kind.file
    changed = spoiled(kind, whole, number)
    path.write_bytes(changed)
    try:
        found = kind.read(folder)
    except Exception as error:
        return judged(kind, error)
    finally:
        path.write_bytes(whole)
    if kind.sealed and changed != whole and repr(found) != repr(wanted):
        return f"another answer, without a word: {str(found)[:200]}"
    return ""


def _sound(kind: Kind, folder: Path) -> tuple[bytes, Any]:
    """What a file holds, and its answer, which must come."""
    try:
        return (folder / kind.file).read_bytes(), kind.read(folder)
    except Exception as error:
        error.add_note(f"{kind.name}: the sound file cannot be read")
        raise


def _peak() -> float:
    """Most memory since `_forget`, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1000
    return 0.0


def _forget() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def main(folder: Path) -> None:
    """Work until there is no line any more."""
    sound: dict[str, tuple[bytes, Any]] = {}
    every = kinds()
    out = os.fdopen(os.dup(1), "w")
    warnings.simplefilter("error", RuntimeWarning)  # NumPy's word that a number is none any more
    log = (folder / "worker.log").open("wb")
    for stream in (1, 2):  # what libraries print is no answer
        os.dup2(log.fileno(), stream)
    for line in sys.stdin:
        number, place = map(int, line.split())
        kind = every[place]
        if kind.name not in sound:
            sound[kind.name] = _sound(kind, folder)
        _forget()
        before, start = _peak(), time.process_time()
        fault = case(kind, folder, *sound[kind.name], number)
        said = {"fault": fault, "seconds": time.process_time() - start, "megabytes": _peak() - before}
        out.write(json.dumps(said) + "\n")
        out.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
