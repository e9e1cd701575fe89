"""What a `model.keras` was trained beside, so that a file of another run is not taken for one of its own.

A run answers with its weights and with what stands beside them: vocabulary, classes, preprocessors. Two runs of the
same shape could lend each other a file, and would answer wrongly without a word. So `model.keras` holds the digests of
the others, as they were when it was written.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerasseq.errors import RunError
from kerasseq.files import guarded
from kerasseq.run_directory import RunDirectory

__all__ = ["FORMAT", "MEMBER", "check_format", "check_origin", "file_digest", "origin"]

MEMBER = "kerasseq.json"
"""Name, inside `model.keras`, of what it says about itself."""

FORMAT = "1"
"""What a `model.keras` says and a reader expects; one of another format is refused."""

LARGEST = 1 << 22
"""Bytes of that at most."""

FREE = (
    *("name", "backend", "dataset", "split", "evaluation", "exporter", "tracker", "plugins"),
    "training",  # whose epochs may grow
)
"""What a person may change in `experiment.toml` afterwards, and `training.epochs`: the weights answer as before."""


def origin(directory: RunDirectory) -> dict[str, str]:
    """SHA-256 of what training wrote beside the model, by the name of the file; of `experiment.toml` by sections."""
    found = {path.name: file_digest(path) for path in directory.learned() if path.exists()}
    return found | dict(_sections(directory.experiment))


def check_origin(directory: RunDirectory) -> None:
    """The files of a run must be those that its `model.keras` was written beside; one that is older says nothing.

    Raises:
        RunError: One is of another run, or was changed; each is named.
    """
    before, now = _said(directory.model), origin(directory)
    wrong = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if before and wrong:
        raise RunError("\n".join(_message(directory, name) for name in wrong))


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sections(path: Path) -> Iterator[tuple[str, str]]:
    """Each section of an experiment that its weights hang on, as one line of JSON says it."""
    if not path.exists():  # a run that is made by hand
        return
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    tables["training"] = {key: value for key, value in tables.get("training", {}).items() if key != "epochs"}
    for name, value in tables.items():
        if name not in FREE:
            text = json.dumps(value, ensure_ascii=False, sort_keys=True)
            yield f"{path.name} {name}", hashlib.sha256(text.encode()).hexdigest()


def check_format(path: Path) -> None:
    """A `model.keras` must be of a format that this version reads.

    Raises:
        RunError: It is of a later one; says which version wrote it.
    """
    said = _about(path)
    if said.get("format", FORMAT) != FORMAT:
        rule = f"format must be {FORMAT}, which this version reads"
        got, version = str(said["format"])[:40], str(said.get("version"))[:20]
        raise RunError(f"{path}: {rule}, got {got!r}; kerasseq {version} wrote it, install that or a later one")


def _said(path: Path) -> dict[str, str]:
    """What the model says it was written beside; nothing where it does not say."""
    with guarded(f"{path}: {MEMBER} inside", "what training wrote"):
        return {str(name): str(digest) for name, digest in _about(path).get("origin", {}).items()}


def _about(path: Path) -> dict[str, Any]:
    """What a `model.keras` says about itself."""
    with guarded(f"{path}: {MEMBER} inside", "what training wrote"), zipfile.ZipFile(path) as archive:
        if MEMBER not in archive.namelist():
            return {}
        size = archive.getinfo(MEMBER).file_size
        if size > LARGEST:
            raise RunError(f"{path}: {MEMBER} inside must have at most {LARGEST:,} bytes, got {size:,}")
        said: Any = json.loads(archive.read(MEMBER))
        if not isinstance(said, dict):
            raise TypeError(f"a {type(said).__name__}")
        return said


def _message(directory: RunDirectory, name: str) -> str:
    file, _, section = name.partition(" ")
    what = f"say the {section}" if section else "be the file"
    got = "another" if (directory.path / file).exists() else "none"
    hint = "take both from one run, or train anew"
    return f"{directory.path / file}: must {what} that the model.keras beside it was trained with, got {got}; {hint}"
