"""A process for each run: Keras takes one backend for the life of a process, and memory is counted by process."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasseq.compare.measured import Measured, Scored, read_measured, read_scored
from kerasseq.compare.plan import Job
from kerasseq.compare.worker import GRACE
from kerasseq.errors import RunError
from kerasseq.processes import Worker, on_backend
from kerasseq.run_directory import RunDirectory, slug

__all__ = ["ask", "kept", "launch", "place", "pool"]

WORKER = "kerasseq.compare.worker"


def place(job: Job, out: Path) -> Path:
    """Where what a job measured is kept: the same settings, or the same finished run, give the same place."""
    if job.run is None:
        about = job.experiment.to_toml()
    else:
        run = RunDirectory(job.run)
        state = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in (run.model, run.metrics)]
        about = f"{run.path.resolve()} {state}"
    about += f" {job.resamples} {job.draws}"
    key = hashlib.sha256(about.encode()).hexdigest()[:12]
    return out / "measured" / f"{slug(job.experiment.name)}-{job.experiment.backend}-{job.seed}-{key}.json"


def kept(job: Job, out: Path) -> Measured | None:
    """What an earlier call with the same `out` measured, or None where it did not, or its run is gone."""
    path = place(job, out)
    try:
        return read_measured(path, job.seed, job.fold) if path.exists() else None
    except RunError:
        return None


def ask(job: Job, out: Path) -> Measured:
    """Do a job in a new process, whose progress goes to stderr, and wait for it.

    Raises:
        RunError: It failed; the message is what it said.
        KeyboardInterrupt: Ctrl-C; what the run has is written first.
    """
    wanted = {
        "backend": job.experiment.backend,
        "run": str(job.run) if job.run else "",
        "experiment": "" if job.run else job.experiment.to_toml(),
        "root": str(out / "runs"),
        "resume": "" if job.run else _interrupted(job, out),
        "measured": str(place(job, out)),
        "resamples": job.resamples,
        "draws": job.draws,
    }
    error = launch(wanted)
    if error:
        raise RunError(error)
    return read_measured(place(job, out), job.seed, job.fold)


def pool(job: Job, runs: Sequence[Measured], out: Path) -> Scored:
    """Score the answers of all folds of one seed as those of one model, in a new process.

    Args:
        job: One of the seed.
        runs: Of each fold, in order.
        out: Where it is kept for the next call.

    Raises:
        RunError: It failed; the message is what it said.
        KeyboardInterrupt: Ctrl-C.
    """
    folds = [str(run.run.resolve()) for run in runs]
    key = hashlib.sha256(f"{folds} {job.resamples} {job.draws}".encode()).hexdigest()[:12]
    name = f"{slug(job.experiment.name)}-{job.experiment.backend}-{job.seed}-folds-{key}.json"
    path = out / "measured" / name
    if path.exists():
        with contextlib.suppress(RunError):
            return read_scored(path)[0]
    wanted = {
        "backend": job.experiment.backend,
        "folds": folds,
        "measured": str(path),
        "resamples": job.resamples,
        "draws": job.draws,
    }
    error = launch(wanted)
    if error:
        raise RunError(error)
    return read_scored(path)[0]


def launch(job: dict[str, Any]) -> str:
    """Have a worker do the job, wait, and give what went wrong, or nothing."""
    with Worker(WORKER, on_backend(job["backend"], {}), kept=False, grace=GRACE) as worker:
        for answer in worker.answers(job):
            return str(answer["error"])
        return f"must end with a result, got {worker.ended()}"


def _interrupted(job: Job, out: Path) -> str:
    """The newest run of the same settings that did not end, to go on with; empty where there is none."""
    settings = job.experiment.to_toml()
    for directory in sorted((out / "runs" / slug(job.experiment.name)).glob("[0-9]*"), reverse=True):
        run = RunDirectory(directory)
        try:
            same = run.experiment.read_text(encoding="utf-8") == settings
        except (OSError, ValueError):
            continue
        if same and any((run.checkpoints / name).exists() for name in ("last.npz", "within.npz")):
            return str(run.path)
    return ""
