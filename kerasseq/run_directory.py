"""The run directory: the names in it, its lock, and which of its files are exports."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from kerasseq.errors import RunError, UsageError
from kerasseq.files import is_temporary, write_json

__all__ = ["RunDirectory", "remove", "runs_below", "slug"]


class RunDirectory:
    """The names inside `runs/<name>/<0001>/`; nothing else in kerasseq spells them.

    Args:
        path: An existing or future run directory.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.experiment = self.path / "experiment.toml"
        self.environment = self.path / "environment.json"
        self.history = self.path / "history.csv"
        self.timing = self.path / "timing.csv"
        self.folds = self.path / "folds.json"
        self.checkpoints = self.path / "checkpoints"
        self.lock = self.checkpoints / "lock"
        self.tokenizer = self.path / "tokenizer.json"
        self.task = self.path / "task.json"
        self.model = self.path / "model.keras"
        self.onnx = self.path / "model.onnx"
        self.plain = self.path / "model.plain.keras"
        self.torch = self.path / "model.pt2"
        self.saved_model = self.path / "saved_model"
        self.metrics = self.path / "metrics.json"
        self.predictions = self.path / "predictions.csv"
        self.report = self.path / "report.html"
        self.card = self.path / "MODEL_CARD.md"
        self.verify = self.path / "verify.json"
        self.diagnosis = self.path / "diagnosis.json"
        self.diagnosis_page = self.path / "diagnosis.html"
        self.exports = self.path / "exports.json"
        self.diverged = self.path / "diverged.csv"
        self.trackers = self.path / "trackers.json"

    def learned(self) -> tuple[Path, ...]:
        """What training writes beside the model and answers with; a run has some of them."""
        more = ("target_tokenizer.json", "pipeline.json", "subwords.json", "wide.npz")
        return (self.tokenizer, self.task, *(self.path / name for name in more))

    @classmethod
    def create(cls, root: Path | str, name: str) -> RunDirectory:
        """Make the next free numbered directory under `root/name`; two processes never get the same one.

        Raises:
            RunError: Nothing can be written there.
        """
        parent = Path(root) / slug(name)
        try:
            return cls._next(parent)
        except OSError as cause:
            raise RunError(f"{parent}: must be a folder that can be written to, got {cause}") from cause

    def artifacts(self) -> list[Path]:
        """Every export that is there: `model.onnx`, `model.int8.onnx`, `model.plain.keras`, ..., `saved_model`, and
        those of other names that `remember` was told."""
        found = {path for path in self.path.glob("model.*") if path != self.model}
        found |= {self.saved_model, *(self.path / name for name in self._remembered())}
        return sorted(path for path in found if path.exists())

    def remember(self, artifact: Path) -> None:
        """Note an export in `exports.json`, where its name does not tell: it must go when the weights change.

        One outside of the run is its user's own.
        """
        place, known = artifact.resolve(), {path.resolve() for path in self.artifacts()}
        if place not in known and place.is_relative_to(self.path.resolve()) and not self.holds(artifact):
            name = place.relative_to(self.path.resolve()).as_posix()
            write_json(self.exports, sorted({*self._remembered(), name}))

    def holds(self, path: Path) -> bool:
        """Whether `path` is the run, or a file of its own, and so no export."""
        place, root = path.resolve(), self.path.resolve()
        exports = {self.onnx, self.plain, self.torch, self.saved_model}
        own = {each.resolve() for each in vars(self).values() if each not in exports}
        return place in own or root.is_relative_to(place) or place.is_relative_to(self.checkpoints.resolve())

    def _remembered(self) -> list[str]:
        """What `exports.json` names inside of the run; a file from elsewhere must not choose what is deleted."""
        try:
            names = json.loads(self.exports.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return []
        names = names if isinstance(names, list) else []
        names = [name for name in names if isinstance(name, str) and os.path.lexists(self.path / name)]
        root = self.path.resolve()
        inside = (name for name in names if (self.path / name).resolve().is_relative_to(root))
        return [name for name in inside if not self.holds(self.path / name)]

    def sweep(self) -> None:
        """Remove what a killed process was writing; call it while the run is locked."""
        for folder in (self.path, self.checkpoints, *self.checkpoints.glob("fold-*")):
            for left in folder.glob(".*"):
                if is_temporary(left) and not left.is_symlink():
                    left.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training in the directory; the lock goes with the process, however it ends;
        its file stays.

        Raises:
            RunError: Another process holds it, or what is written would lie elsewhere.
        """
        from filelock import FileLock, Timeout  # with asyncio, which is slow to import

        self._check_reach()
        lock = FileLock(self.lock)
        with contextlib.suppress(OSError):  # some file systems in a network have no locks
            self.checkpoints.mkdir(exist_ok=True)
            try:
                lock.acquire(blocking=False)
            except Timeout as cause:
                raise RunError(f"{self.path}: must have one process that trains in it, got a second one") from cause
        try:
            yield
        finally:
            lock.release()

    def _check_reach(self) -> None:
        """A link in a run of somebody else must not choose where this process writes; a file that is one is replaced.

        Raises:
            RunError: A folder that training writes into is a link, or its lock is.
        """
        for place in (self.checkpoints, self.lock, *self.checkpoints.glob("fold-*")):
            if place.is_symlink():
                got = f"a link to {place.readlink()}"
                raise RunError(
                    f"{place}: must lie in the run itself, got {got}; put there what it links to, or remove it"
                )

    @classmethod
    def _next(cls, parent: Path) -> RunDirectory:
        parent.mkdir(parents=True, exist_ok=True)
        taken = [int(p.name) for p in parent.iterdir() if p.name.isdecimal()]
        number = max(taken, default=0) + 1
        while True:
            try:
                (parent / f"{number:04d}").mkdir()
            except FileExistsError:
                number += 1
                continue
            return cls(parent / f"{number:04d}")

    @classmethod
    def open(cls, path: Path | str) -> RunDirectory:
        """Open a finished run: `runs/bilstm/0003`, or `runs/bilstm` for its newest one.

        Raises:
            RunError: There is no run at `path`.
        """
        run = cls.newest(path)
        if run is not None:
            return run
        raise RunError(f"{path}: must be a run directory with an experiment.toml; see `ls runs`")

    @classmethod
    def newest(cls, path: Path | str) -> RunDirectory | None:
        """The run at `path`, or the newest of those numbered below it; None where there is none."""
        run = cls(path)
        if run.experiment.exists():
            return run
        numbered = [p for p in run.path.glob("[0-9]*") if p.name.isdecimal() and (p / "experiment.toml").exists()]
        return cls(max(numbered, key=lambda p: int(p.name))) if numbered else None


def runs_below(folder: Path) -> list[Path]:
    """The runs of every experiment in a folder of runs, newest first."""
    numbered = (made for made in folder.glob("*/[0-9]*/experiment.toml") if made.parent.name.isdecimal())
    found = {made: made.stat().st_mtime for made in numbered}
    return [made.parent for made in sorted(found, key=lambda made: (-found[made], made))]


def remove(path: Path) -> None:
    """Delete an artifact, which is a file or a folder, if it is there.

    Raises:
        UsageError: It is a run, which no exporter may take for its artifact.
    """
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
    elif RunDirectory(path).experiment.exists():
        raise UsageError(f"{path}: an artifact must be a file or a folder of its own, got the run itself")
    else:
        shutil.rmtree(path)


def slug(name: str) -> str:
    """A name that is safe as a folder: `"my model/1"` -> `"my-model-1"`."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run"
