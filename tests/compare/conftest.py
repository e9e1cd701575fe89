"""Comparisons without training: a run directory holds what a run would have written, made of chosen answers."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerasseq.compare.measured import Answers, read_measured, write_measured
from kerasseq.compare.plan import make_plan
from kerasseq.compare.process import place
from kerasseq.files import write_json, write_text
from kerasseq.metrics import classification_scores, regression_scores, scores_as_json
from kerasseq.run_directory import RunDirectory

LABELS = ("bad", "good", "so-so")


def answers(noise: float, seed: int, rows: int = 60, kind: str = "classification") -> Answers:
    """The same truth for all; answers that are worse the more noise they have."""
    truth = np.random.default_rng(7).integers(0, 3, rows)
    draw = np.random.default_rng([seed, int(1000 * noise)])
    if kind == "regression":
        values = truth + draw.normal(0, noise, rows)
        return Answers(kind, truth.astype(np.float32), values, np.zeros((rows, 0)))
    probabilities = np.eye(3)[truth] + noise * draw.uniform(0, 1, (rows, 3))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return Answers(kind, truth, probabilities.argmax(axis=1), probabilities, LABELS)


def finish(run: RunDirectory, found: Answers, backend: str = "torch", data: str = "same", seconds: float = 2.0) -> None:
    """What a run leaves, as far as a comparison reads it."""
    if found.kind == "regression":
        scores = regression_scores(found.truth.astype(float), found.values, resamples=100)
        main, plain = "mae", regression_scores(found.truth.astype(float), np.full(len(found.truth), 1.0), resamples=100)
    else:
        scores = classification_scores(found.truth, found.probabilities, found.labels, resamples=100)
        share = np.full(found.probabilities.shape, 1 / 3)
        main, plain = "f1_macro", classification_scores(found.truth, share, found.labels, resamples=100)
    metrics = {
        "main": main, "rows": len(found.truth), "confidence": 0.95, "scores": scores_as_json(scores),
        "baselines": {"majority": scores_as_json(plain)},
    }  # fmt: skip
    write_json(run.metrics, metrics)
    side = {"rows": 120, "sha256": hashlib.sha256(data.encode()).hexdigest()}
    machine = {"platform": "Linux", "device": "cpu", "threads": 1}
    write_json(run.environment, {"backend": backend, "data": dict.fromkeys(("train", "test"), side), **machine})
    write_text(run.timing, f"epoch,seconds,tokens_per_second\n1,9.0,1\n2,{seconds},1\n3,{seconds},1\n")


@pytest.fixture
def fake() -> Callable[..., Any]:
    """`fake(noise={"gru": 0.5})`: does a job as `ask` does, without training; counts its calls in `calls`."""

    def make(noise: dict[str, float] | None = None, data: dict[str, str] | None = None, **options: Any) -> Any:
        def work(job: Any, out: Path) -> Any:
            work.calls.append((job.experiment.name, job.experiment.backend, job.seed))
            name = job.experiment.name
            directory = RunDirectory.create(out / "runs", name)
            directory.experiment.write_text(job.experiment.to_toml(), encoding="utf-8")
            found = answers((noise or {}).get(name, 2.0), job.seed, **options)
            finish(directory, found, job.experiment.backend, (data or {}).get(name, "same"))
            facts = {
                "parameters": {"trainable": 1234, "all": 1240, "recurrent": 600, "recurrent_kernels": 590},
                "inference": {"texts": 60, "seconds": 0.5},
                "memory": 300_000_000,
            }
            write_measured(place(job, out), directory.path, found, facts)
            return read_measured(place(job, out), job.seed)

        work.calls = []
        return work

    return make


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
