"""Comparisons without training: a run directory holds what a run would have written, made of chosen answers."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerasseq.compare.measured import read_measured, write_measured
from kerasseq.compare.plan import make_plan
from kerasseq.compare.process import place
from kerasseq.compare.worker import score
from kerasseq.files import write_json, write_text
from kerasseq.metrics import scores_as_json
from kerasseq.run_directory import RunDirectory
from kerasseq.tasks.classification import Classification
from kerasseq.tasks.regression import Regression

LABELS = ("bad", "good", "so-so")
TASKS = {
    "classification": Classification(name="classification").restored({"labels": LABELS}, None),
    "regression": Regression(name="regression").restored({"mean": 1.0, "deviation": 1.0}, None),
}


def truth_of(rows: int = 60) -> Any:
    """The same for all."""
    return np.random.default_rng(7).integers(0, 3, rows)


def answers(noise: float, seed: int, rows: int = 60, kind: str = "classification") -> Any:
    """Answers that are worse the more noise they have."""
    truth, draw = truth_of(rows), np.random.default_rng([seed, int(1000 * noise)])
    if kind == "regression":
        return TASKS[kind].read({"score": truth + draw.normal(0, noise, rows)})
    probabilities = np.eye(3)[truth] + noise * draw.uniform(0, 1, (rows, 3))
    return TASKS[kind].read({"probabilities": probabilities / probabilities.sum(axis=1, keepdims=True)})


def plain(rows: int, kind: str) -> Any:
    """What needs no model."""
    if kind == "regression":
        return TASKS[kind].read({"score": np.full(rows, 1.0)})
    return TASKS[kind].read({"probabilities": np.full((rows, 3), 1 / 3)})


def finish(
    run: RunDirectory, found: Any, kind: str, backend: str = "torch", data: str = "same", seconds: float = 2.0
) -> None:
    """What a run leaves, as far as a comparison reads it."""
    task, truth = TASKS[kind], truth_of(len(found))
    scores, majority = (
        scores_as_json(task.scores(truth, said, 100, 0.95, 0)) for said in (found, plain(len(found), kind))
    )
    metrics = {
        "main": task.main_score, "rows": len(found), "confidence": 0.95, "scores": scores,
        "baselines": {"majority": majority},
    }  # fmt: skip
    write_json(run.metrics, metrics)
    side = {"rows": 120, "sha256": hashlib.sha256(data.encode()).hexdigest()}
    machine = {"platform": "Linux", "device": "cpu", "threads": 1}
    write_json(run.environment, {"backend": backend, "data": dict.fromkeys(("train", "test"), side), **machine})
    write_text(run.timing, f"epoch,seconds,tokens_per_second\n1,9.0,1\n2,{seconds},1\n3,{seconds},1\n")


@pytest.fixture
def fake() -> Callable[..., Any]:
    """`fake(noise={"gru": 0.5})`: does a job as `ask` does, without training; counts its calls in `calls`."""

    def make(
        noise: dict[str, float] | None = None, data: dict[str, str] | None = None, kind: str = "classification"
    ) -> Any:
        def work(job: Any, out: Path) -> Any:
            work.calls.append((job.experiment.name, job.experiment.backend, job.seed))
            name = job.experiment.name
            directory = RunDirectory.create(out / "runs", name)
            directory.experiment.write_text(job.experiment.to_toml(), encoding="utf-8")
            found = answers((noise or {}).get(name, 2.0), job.seed + 1000 * (job.fold or 0), kind=kind)
            rows = (data or {}).get(name, "same") + ("" if job.fold is None else f" {job.fold}")
            finish(directory, found, kind, job.experiment.backend, rows)
            facts = {
                "parameters": {"trainable": 1234, "all": 1240, "recurrent": 600, "recurrent_kernels": 590},
                "inference": {"texts": 60, "seconds": 0.5},
                "memory": 300_000_000,
            }
            scored = score(TASKS[kind], truth_of(), found, job.resamples, job.draws)
            write_measured(place(job, out), directory.path, scored, facts)
            return read_measured(place(job, out), job.seed, job.fold)

        work.calls = []
        return work

    return make


@pytest.fixture
def fake_pool() -> Callable[..., Any]:
    """Scores the folds of `fake` with the same noise as one; counts its calls in `calls`."""

    def pooled(job: Any, runs: Any, out: Path) -> Any:
        pooled.calls.append((job.experiment.name, job.seed, [run.fold for run in runs]))
        found = [answers(2.0, job.seed + 1000 * run.fold) for run in runs]
        probabilities = np.concatenate([one.probabilities for one in found])
        task = TASKS["classification"]
        truth = np.concatenate([truth_of()] * len(runs))
        return score(task, truth, task.read({"probabilities": probabilities}), job.resamples, job.draws)

    pooled.calls = []
    return pooled


@pytest.fixture
def plan(tiny: Callable[[Path], Path], tmp_path: Path) -> Callable[..., Any]:
    """`plan("gru", "lstm", seeds=2)`: configs of these names beside the rows of `tiny`."""

    def make(*names: str, **options: Any) -> Any:
        text = tiny(tmp_path).read_text(encoding="utf-8")
        paths = []
        for number, name in enumerate(names):
            paths.append(tmp_path / f"config{number}.toml")
            said = text.replace('name = "tiny"', f"name = {json.dumps(name)}")
            paths[-1].write_text(said, encoding="utf-8")
        return make_plan(paths, **options)

    return make
