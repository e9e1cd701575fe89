"""Where a study is kept: the names of its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kerasseq.plugin import RunDirectory

__all__ = ["Place"]


@dataclass(frozen=True)
class Place:
    """Where a study is kept."""

    run: RunDirectory

    @property
    def folder(self) -> Path:
        """`RUN/tune`."""
        return self.run.path / "tune"

    @property
    def plan(self) -> Path:
        """What it was asked."""
        return self.folder / "plan.json"

    @property
    def trials(self) -> Path:
        """As Optuna keeps them."""
        return self.folder / "study.db"

    @property
    def seeds(self) -> Path:
        """What other seeds of the best configs gave."""
        return self.folder / "seeds.json"

    @property
    def chosen(self) -> Path:
        """Which model becomes the run's own."""
        return self.folder / "chosen.json"

    @property
    def models(self) -> Path:
        """Those that may be chosen, until one is."""
        return self.folder / "models"

    def model(self, number: int, seed: int) -> Path:
        """Where a trial trains."""
        return self.models / f"{number:04d}-{seed}"
