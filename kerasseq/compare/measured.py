"""What one run says about itself: its scores, its answers, and what it cost."""

# N test rows, R resamples

from __future__ import annotations

import csv
import json
import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasseq.environment import read_environment
from kerasseq.errors import RunError
from kerasseq.files import atomic, guarded, write_json
from kerasseq.metrics import Replicas
from kerasseq.run_directory import RunDirectory

__all__ = ["Measured", "Scored", "read_measured", "read_scored", "write_measured"]


@dataclass(frozen=True)
class Scored:
    """What the task of a run says about its answers on the test rows.

    Attributes:
        rows: How many they are.
        points: The scores of all rows, by name, without those of single classes; NaN where undefined.
        replicas: The scores of each of R draws of rows, `(R,)`; see `replicate`.
        headlines: The scores that tables show; empty for all.
    """

    rows: int
    points: Mapping[str, float]
    replicas: Replicas
    headlines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """A finished run.

    Attributes:
        run: Its directory.
        seed: Of weights, batch order and dropout.
        scored: On the test rows.
        metrics: What `metrics.json` holds.
        environment: What `environment.json` holds.
        facts: What its process measured: `parameters` (`trainable`, `all`, `recurrent`, `recurrent_kernels`),
            `inference` (`texts`, `seconds`), `memory` (bytes, None where unknown).
        seconds: Of each epoch's updates.
        fold: Which of `--folds` its test rows are; None without them.
    """

    run: Path
    seed: int
    scored: Scored
    metrics: Mapping[str, Any]
    environment: Mapping[str, Any]
    facts: Mapping[str, Any]
    seconds: tuple[float, ...]
    fold: int | None = None

    @property
    def rows(self) -> int:
        """Test rows."""
        return self.scored.rows

    @property
    def data(self) -> str:
        """The hash of the test rows."""
        return str(self.environment["data"]["test"]["sha256"])

    def score(self, name: str) -> float | None:
        """A score of `metrics.json`; None where it is undefined or absent."""
        value: float | None = self.metrics["scores"].get(name, {}).get("value")
        return value

    @property
    def texts_per_second(self) -> float:
        """Training rows over the seconds of the median epoch: what the first one compiles hardly counts."""
        rows: int = self.environment["data"]["train"]["rows"]
        return rows / max(self.epoch_seconds, 1e-9)

    @property
    def epoch_seconds(self) -> float:
        """Of the median epoch, of two in the middle the faster one."""
        return statistics.median_low(self.seconds) if self.seconds else math.nan

    @property
    def answers_per_second(self) -> float:
        """Texts answered, from text to answer."""
        inference: Mapping[str, float] = self.facts["inference"]
        return inference["texts"] / max(inference["seconds"], 1e-9)


def write_measured(path: Path, run: Path, scored: Scored, facts: Mapping[str, Any]) -> None:
    """Keep what a process measured: the arrays beside `path`, then `path` as JSON, which says that all is there."""
    with atomic(path.with_suffix(".npz")) as temporary:
        np.savez_compressed(temporary, **dict(scored.replicas))  # type: ignore[arg-type]
    points = {name: value if math.isfinite(value) else None for name, value in scored.points.items()}
    said = {"rows": scored.rows, "points": points, "headlines": list(scored.headlines)}
    write_json(path, {"run": str(run), "scored": said, **facts})


def read_scored(path: Path) -> tuple[Scored, RunDirectory, dict[str, Any]]:
    """What `write_measured` kept.

    Raises:
        RunError: It is missing or damaged.
    """
    with guarded(path, "what the comparison wrote"):
        facts = json.loads(path.read_text(encoding="utf-8"))
        said, run = facts.pop("scored"), RunDirectory(facts.pop("run"))
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
            replicas = {name: arrays[name] for name in arrays.files}
        points = {name: math.nan if value is None else float(value) for name, value in said["points"].items()}
        return Scored(int(said["rows"]), points, replicas, tuple(said["headlines"])), run, facts


def read_measured(path: Path, seed: int, fold: int | None = None) -> Measured:
    """What `write_measured` kept of one run, with what the run directory holds.

    Raises:
        RunError: Something is missing, damaged, or belongs to another run.
    """
    scored, run, facts = read_scored(path)
    with guarded(run.path, "a finished run"):
        metrics = json.loads(run.metrics.read_text(encoding="utf-8"))
        with run.timing.open(encoding="utf-8", newline="") as file:
            seconds = tuple(float(row["seconds"]) for row in csv.DictReader(file))
        metrics["scores"][metrics["main"]]["value"], metrics["baselines"].items()
    measured = Measured(run.path, seed, scored, metrics, read_environment(run), facts, seconds, fold)
    _check(measured)
    return measured


def _check(measured: Measured) -> None:
    """Answers and `metrics.json` must be of one model on the same rows."""
    main = measured.metrics["main"]
    written, found = measured.score(main), measured.scored.points.get(main, math.nan)
    if written is None:
        return
    if not math.isclose(found, written, rel_tol=1e-3, abs_tol=1e-6):
        rule = f"{measured.run}: the model must reach the {main} of metrics.json, {written:.4g}, got {found:.4g}"
        raise RunError(f"{rule}; measure it anew with: kerasseq evaluate {measured.run}")
