"""One run in a process of its own, `python -m kerasseq.compare.worker`; see `kerasseq.compare.process`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.backend.select import select
from kerasseq.compare.memory import peak_memory
from kerasseq.errors import DataError, KerasseqError
from kerasseq.files import long_fields
from kerasseq.processes import serve
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    from kerasseq.compare.measured import Scored
    from kerasseq.tasks.predictions import Predictions
    from kerasseq.tasks.task import Task

__all__ = ["GRACE", "attempt", "score", "work"]

GRACE = 60.0
"""Seconds that an interrupted run has to write what it has."""

LONG_ENOUGH = 0.5
"""Seconds; fewer test rows than fill them are answered several times."""


def attempt(job: Mapping[str, Any]) -> str:
    """Work, and give what went wrong, or nothing."""
    try:
        work(job)
    except KeyboardInterrupt as stop:
        return "; ".join(["interrupted", *getattr(stop, "__notes__", ())])
    except KerasseqError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def work(job: Mapping[str, Any]) -> None:
    """Train or open what the job says, measure it, and write what was measured.

    Args:
        job: `backend`; `folds`, finished runs whose answers are scored as one; or `run`, a finished run, or empty; else
            `experiment`, TOML, `root` for the run directory, and `resume`, an interrupted run, or empty; `measured`,
            the file to write; `resamples` and `draws`, how many draws of rows are scored and their seed.

    Raises:
        KerasseqError: The run failed.
    """
    select(job["backend"])
    from kerasseq.compare.measured import write_measured
    from kerasseq.compare.parameters import count

    if job.get("folds"):
        _pool(job)
        return
    directory, trained, samples, truth, memory = _opened(job["run"]) if job["run"] else _trained(job)
    predictions = trained.answer(samples).predictions  # and what is timed next is warm
    facts = {
        "memory": memory,
        "parameters": count(trained.model),
        "inference": _timed(lambda: trained.answer(samples), len(samples)),
    }
    found = score(trained.task, truth, predictions, int(job["resamples"]), int(job["draws"]))
    write_measured(Path(job["measured"]), directory.path, found, facts)


def score(task: Task, truth: Any, predictions: Predictions, resamples: int, draws: int) -> Scored:
    """What answers are worth, on all rows and on each draw of them.

    Args:
        task: Knows its scores; those of single classes, which may be thousands, are left out.
        truth: Encoded targets of N rows.
        predictions: The answers.
        resamples: Number of draws R.
        draws: Their seed.
    """
    from kerasseq.compare.measured import Scored
    from kerasseq.metrics import replicate
    from kerasseq.metrics.scores import is_of_class

    rows = len(predictions)
    measure = task.measure(truth, predictions)

    def whole(index: Any) -> dict[str, Any]:
        return {name: values for name, values in measure(index).items() if not is_of_class(name)}

    points = {name: float(values[0]) for name, values in whole(np.arange(rows)[None, :]).items()}
    [replicas] = replicate([[whole]], task.draws(rows, resamples, draws))
    return Scored(rows, points, replicas, task.headlines)


def _trained(job: Mapping[str, Any]) -> tuple[RunDirectory, Any, Any, Any, int | None]:
    """What `kerasseq run` does, step by step for what is measured between them."""
    from kerasseq.config.read import read_text
    from kerasseq.console import show_log
    from kerasseq.environment import changes, read_environment
    from kerasseq.evaluation.evaluate import evaluate
    from kerasseq.experiment import build, train
    from kerasseq.progress import TrainingProgress
    from kerasseq.tracking import tracking

    experiment = read_text(job["experiment"], "experiment", backend=job["backend"])
    show_log()
    trained, prepared = build(experiment)
    if not len(prepared.examples["test"]):
        raise DataError("test: must have rows to measure on, got none; set split.test")
    found = RunDirectory(job["resume"]) if job["resume"] else None
    resume = found is not None and not changes(read_environment(found))  # else another one is trained from its start
    directory = found if found and resume else RunDirectory.create(job["root"], experiment.name)
    with tracking(experiment, directory, measured=True) as tracked:
        with TrainingProgress(experiment.training.epochs) as progress:
            history = train(trained, prepared, directory, progress, resume=resume, tracked=tracked)
        memory = peak_memory()  # of training: baselines and exports come next
        outcome = evaluate(trained, prepared, history, directory)
    return directory, trained, outcome.samples, outcome.truth, memory


def _pool(job: Mapping[str, Any]) -> None:
    """Score what the models of all folds say of their test rows as the answers of one."""
    from kerasseq.compare.measured import write_measured

    parts = [_opened(run) for run in job["folds"]]
    first = parts[0][1].task
    truths, answers = [], []
    for directory, trained, samples, truth, _ in parts:
        if trained.task.answer_names != first.answer_names:
            rule = f"{directory.path}: must have the classes of the other folds, {', '.join(first.answer_names)}"
            raise DataError(f"{rule}, got {', '.join(trained.task.answer_names)}; use fewer folds")
        truths.append(truth)
        answers.append(trained.answer(samples).predictions.arrays())
    whole = {name: np.concatenate([part[name] for part in answers]) for name in answers[0]}
    found = score(first, np.concatenate(truths), first.read(whole), int(job["resamples"]), int(job["draws"]))
    write_measured(Path(job["measured"]), parts[0][0].path, found, {})


def _opened(run: str) -> tuple[RunDirectory, Any, Any, Any, int | None]:
    """A finished run, and its test rows as `predictions.csv` has them: its data may be gone."""
    import csv

    from kerasseq.loading import load
    from kerasseq.preparation import encode_test, read_again

    directory = RunDirectory(run)
    trained = load(directory.path)
    with directory.predictions.open(encoding="utf-8", newline="") as file, long_fields():
        rows = list(csv.DictReader(file))
    if not rows or "target" not in rows[0]:
        raise DataError(f"{directory.predictions}: must have rows and their targets; see kerasseq evaluate")
    table = trained.task.pipeline.told(rows, str(directory.predictions))
    if table is None:  # what csv cannot hold; the run's data must be there
        table = read_again(trained.experiment, directory)["test"]
    samples, examples, _ = encode_test(table, trained.task)
    return directory, trained, samples, examples.targets, None


def _timed(answer: Callable[[], Any], texts: int) -> dict[str, float]:
    """How long answering takes."""
    rounds, started = 0, time.perf_counter()
    while not rounds or time.perf_counter() - started < LONG_ENOUGH:
        answer()
        rounds += 1
    return {"texts": texts * rounds, "seconds": round(time.perf_counter() - started, 4)}


if __name__ == "__main__":
    serve(lambda job: [{"error": attempt(job)}], GRACE)
