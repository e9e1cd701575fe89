"""What one run says about itself: its scores, its answers, and what it cost."""

# N test rows, K classes

from __future__ import annotations

import csv
import json
import math
import statistics
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.environment import read_environment
from kerasseq.errors import RunError
from kerasseq.files import atomic, damage, write_json
from kerasseq.metrics import Measure, classification_measure, regression_measure
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Answers", "Measured", "read_measured", "write_measured"]

_DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Answers:
    """What a run answers on its test rows, with every digit.

    Attributes:
        kind: `"classification"`, `"regression"`, or empty for a task of a plugin, whose scores are not known here.
        truth: `(N,)`: class numbers, or values.
        values: `(N,)`: class numbers, or values.
        probabilities: `(N, K)` of a classification, else `(N, 0)`.
        labels: The K class names.
        positive: Of two classes, the one that some scores speak of; empty for the last.
    """

    kind: str
    truth: NDArray[Any]
    values: NDArray[Any]
    probabilities: NDArray[np.float64]
    labels: tuple[str, ...] = ()
    positive: str = ""

    def measure(self) -> Measure | None:
        """The scores as a function of the rows that are drawn; None for a task of a plugin."""
        if self.kind == "classification":
            return classification_measure(self.truth, self.probabilities, self.labels, self.positive)
        if self.kind == "regression":
            return regression_measure(self.truth.astype(np.float64), self.values)
        return None


@dataclass(frozen=True)
class Measured:
    """A finished run.

    Attributes:
        run: Its directory.
        seed: Of weights, batch order and dropout.
        answers: On the test rows.
        metrics: What `metrics.json` holds.
        environment: What `environment.json` holds.
        facts: What its process measured: `parameters` (`trainable`, `all`, `recurrent`, `recurrent_kernels`),
            `inference` (`texts`, `seconds`), `memory` (bytes, None where unknown).
        seconds: Of each epoch's updates.
    """

    run: Path
    seed: int
    answers: Answers
    metrics: Mapping[str, Any]
    environment: Mapping[str, Any]
    facts: Mapping[str, Any]
    seconds: tuple[float, ...]

    @property
    def rows(self) -> int:
        """Test rows."""
        return len(self.answers.truth)

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


def write_measured(path: Path, run: Path, answers: Answers, facts: Mapping[str, Any]) -> None:
    """Keep what a process measured: the arrays beside `path`, then `path` as JSON, which says that all is there."""
    with atomic(path.with_suffix(".npz")) as temporary:
        np.savez_compressed(temporary, truth=answers.truth, values=answers.values, probabilities=answers.probabilities)
    task = {"kind": answers.kind, "labels": list(answers.labels), "positive": answers.positive}
    write_json(path, {"run": str(run), "task": task, **facts})


def read_measured(path: Path, seed: int) -> Measured:
    """What `write_measured` kept, with what the run directory holds.

    Raises:
        RunError: Something is missing, damaged, or belongs to another run.
    """
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        task, run = facts.pop("task"), RunDirectory(facts.pop("run"))
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
            truth, values, probabilities = (arrays[name] for name in ("truth", "values", "probabilities"))
        answers = Answers(task["kind"], truth, values, probabilities, tuple(task["labels"]), task["positive"])
    except _DAMAGE as cause:
        raise RunError(f"{path}: must be what the comparison wrote, got {damage(cause)}") from cause
    try:
        metrics = json.loads(run.metrics.read_text(encoding="utf-8"))
        with run.timing.open(encoding="utf-8", newline="") as file:
            seconds = tuple(float(row["seconds"]) for row in csv.DictReader(file))
        metrics["scores"][metrics["main"]]["value"], metrics["baselines"].items()
    except _DAMAGE as cause:
        raise RunError(f"{run.path}: must be a finished run, got {damage(cause)}") from cause
    measured = Measured(run.path, seed, answers, metrics, read_environment(run), facts, seconds)
    _check(measured)
    return measured


def _check(measured: Measured) -> None:
    """Answers and `metrics.json` must be of one model on the same rows."""
    main = measured.metrics["main"]
    written, measure = measured.score(main), measured.answers.measure()
    if written is None or measure is None:
        return
    found = float(measure(np.arange(measured.rows)[None, :])[main][0])
    if not math.isclose(found, written, rel_tol=1e-3, abs_tol=1e-6):
        rule = f"{measured.run}: the model must reach the {main} of metrics.json, {written:.4g}, got {found:.4g}"
        raise RunError(f"{rule}; measure it anew with: kerasseq evaluate {measured.run}")
