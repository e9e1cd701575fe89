"""`_manifest.json`: what a folder of answers is of, whether it is whole, and its parts."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasseq.files import is_temporary
from kerasseq.plugin import UsageError, write_json
from kerasseq_ray.answering import Part

__all__ = ["NAME", "begin", "check_target", "finish"]

NAME = "_manifest.json"
"""Begins with `_`, so that whoever reads the folder as a table passes it over."""

FORMAT = 1

RESTING = 600
"""Seconds after which nobody writes on."""

SAID = {"model": "model", "columns": "columns", "part_rows": "--rows", "sources": "files of --input"}
"""What must be the same for a prediction to go on, and what a message calls it."""


def check_target(folder: Path, about: Mapping[str, Any], parts: Sequence[Part]) -> bool:
    """Whether a prediction of the same rows by the same model was begun there; nothing else may be.

    Raises:
        UsageError: The folder is a file, or holds something else.
    """
    if not folder.exists():
        return False
    if not folder.is_dir():
        raise UsageError(f"--output: must be a folder, got the file {folder}")
    found = [path for path in folder.rglob("*") if not path.is_dir() and not is_temporary(path)]
    if not found:
        return False
    hint = "name another folder"
    if not (folder / NAME).is_file():
        raise UsageError(f"{folder}: must be empty, or hold what this command began, got {found[0].name}; {hint}")
    try:
        known = json.loads((folder / NAME).read_text(encoding="utf-8"))
        other = [said for key, said in SAID.items() if known.get(key) != about[key]]
    except (OSError, ValueError, AttributeError) as cause:
        raise UsageError(f"{folder / NAME}: must be what this command began, got a damaged file; {hint}") from cause
    if other:
        raise UsageError(f"{folder}: must hold answers to the same, got other {', '.join(other)}; {hint}")
    ours = {folder / NAME, *(folder / part.output for part in parts)}
    strange = [path for path in found if path not in ours]
    if strange:
        raise UsageError(f"{folder}: must hold nothing but its parts, got {strange[0].relative_to(folder)}; {hint}")
    return True


def begin(folder: Path, about: Mapping[str, Any]) -> None:
    """Say what the folder is of, and take away what a killed worker left half written; what was written to a moment ago
    may be that of a worker of another call, which lives."""
    write_json(folder / NAME, {"format": FORMAT, "whole": False, **about})
    tidy(folder, RESTING)


def finish(folder: Path, about: Mapping[str, Any], parts: Sequence[Part]) -> None:
    """Say that every part is there, in the order of the rows."""
    tidy(folder, RESTING)
    told = [{"part": p.output, "file": p.source, "first": p.first, "stop": p.stop} for p in parts]
    rows = sum(part.rows for part in parts)
    write_json(folder / NAME, {"format": FORMAT, "whole": True, "rows": rows, **about, "parts": told})


def tidy(folder: Path, resting: float = 0) -> None:
    """Take away what a killed worker left half written, and nobody has written to for so many seconds."""
    for path in folder.rglob(".*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and is_temporary(path) and time.time() - path.stat().st_mtime >= resting:
                path.unlink()
