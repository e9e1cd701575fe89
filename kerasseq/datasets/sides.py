"""Which file of a folder is which side: names like `train.txt`, `en_atis-ud-dev.conllu`, `Vowels_TEST.ts`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from kerasseq.datasets.layout import format_of
from kerasseq.datasets.problems import shown
from kerasseq.datasets.roles import SIDES
from kerasseq.datasets.token_layout import TokenLayout
from kerasseq.datasets.vector_files import form_of
from kerasseq.errors import UsageError

__all__ = ["find_sides", "side_of"]

_WORD = re.compile(r"[a-z]+")
_PLAIN = {".txt", ".conll", ".iob", ".iob2", ".bio", ".pos"}
"""Suffixes of columns; a file whose name says a side may have any."""


def side_of(path: Path | str) -> str:
    """The side that a name says; empty where it says none, or two.

    >>> side_of("wnut17train.conll"), side_of("en-ud-dev.conllu"), side_of("Vowels_TEST.ts"), side_of("latest.txt")
    ('train', 'validation', 'test', '')
    """
    sides = {SIDES[word] for word in _WORD.findall(Path(path).name.lower()) if word in SIDES}
    return sides.pop() if len(sides) == 1 else ""


def find_sides(path: Path | str) -> dict[str, Path]:
    """Side -> file, of a folder; a file by itself is the one to learn from.

    Raises:
        UsageError: There is no such file; no file of the folder is one to learn from, or several are one side.
    """
    given = Path(path)
    if given.is_file():
        return {"train": given}
    if not given.is_dir():
        raise UsageError(f"{shown(given)}: must be a file")
    files = sorted(file for file in given.iterdir() if file.is_file() and not file.name.startswith("."))
    found: dict[str, list[Path]] = {}
    for file in files:
        found.setdefault(side_of(file), []).append(file)
    others = [file for file in found.pop("", []) if _is_data(file)]
    if not found and len(others) == 1:
        return {"train": others[0]}
    faults = [
        f"{shown(given)}: must have one file of the {side} side, got {_names(named)}; give the file"
        for side, named in found.items()
        if len(named) > 1
    ]
    if "train" not in found:
        got = _names([*(named for group in found.values() for named in group), *others]) or "no file of data"
        faults.append(f"{shown(given)}: must have a file whose name says train, got {got}; give the file")
    if faults:
        raise UsageError("\n".join(faults))
    return {side: found[side][0] for side in ("train", "validation", "test") if side in found}


def _is_data(file: Path) -> bool:
    known = format_of(file) or form_of(file) or TokenLayout().format_for(file) != "conll"
    return bool(known) or (file.suffix.lower() in _PLAIN and file.stem.lower() not in ("readme", "license"))


def _names(files: Sequence[Path]) -> str:
    return ", ".join(sorted(file.name for file in files)[:8])
