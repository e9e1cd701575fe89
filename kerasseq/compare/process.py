"""A process for each run: Keras takes one backend for the life of a process, and memory is counted by process."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import TIMEOUT_MAX

from kerasseq.compare.measured import Measured, read_measured
from kerasseq.compare.plan import Job
from kerasseq.errors import RunError
from kerasseq.processes import ending
from kerasseq.run_directory import RunDirectory, slug

__all__ = ["ask", "kept", "launch", "place"]

GRACE = 60.0
"""Seconds that an interrupted run has to write what it has."""


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
        return read_measured(path, job.seed) if path.exists() else None
    except RunError:
        return None


def ask(job: Job, out: Path) -> Measured:
    """Do a job in a new process, whose progress goes to stderr, and wait for it.

    Raises:
        RunError: It failed; the message is what it said.
        KeyboardInterrupt: Ctrl-C; what the run has is written first.
    """
    backend = job.experiment.backend
    with tempfile.TemporaryDirectory(prefix="kerasseq-compare-") as folder:
        path = Path(folder) / "job.json"
        wanted = {
            "backend": backend,
            "run": str(job.run) if job.run else "",
            "experiment": "" if job.run else job.experiment.to_toml(),
            "root": str(out / "runs"),
            "resume": "" if job.run else _interrupted(job, out),
            "measured": str(place(job, out)),
            "resamples": job.resamples,
            "draws": job.draws,
        }
        path.write_text(json.dumps(wanted), encoding="utf-8")
        code = launch(path, backend)
        if code:
            raise RunError(_reason(path.with_name("error.txt"), code))
    return read_measured(place(job, out), job.seed)


def launch(path: Path, backend: str) -> int:
    """Run the worker on the job at `path`, wait, and give its exit code; below 0 the signal that ended it."""
    environment = {**os.environ, "KERAS_BACKEND": backend}
    environment.pop("KERASSEQ_BACKEND", None)
    # -P: nothing in the working directory is imported
    command = [sys.executable, "-P", "-m", "kerasseq.compare.worker", str(path)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=quiet, stdout=quiet) as process:
        return _wait(process)


def _interrupted(job: Job, out: Path) -> str:
    """A run of the same settings that did not end, to go on with; empty where there is none."""
    settings = job.experiment.to_toml()
    for directory in sorted((out / "runs" / slug(job.experiment.name)).glob("[0-9]*")):
        run = RunDirectory(directory)
        try:
            same = run.experiment.read_text(encoding="utf-8") == settings
        except (OSError, ValueError):
            continue
        if same and (run.checkpoints / "last.npz").exists():
            return str(run.path)
    return ""


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        # With a limit: a wait without one goes on through Ctrl-C where a library lets system calls restart, as polars
        return process.wait(TIMEOUT_MAX)
    except KeyboardInterrupt:
        try:
            process.wait(GRACE / 4)  # a terminal tells the whole group
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
        raise


def _reason(error: Path, code: int) -> str:
    if error.exists():
        return error.read_text(encoding="utf-8")
    memory = ", as from a lack of memory" if code == -signal.SIGKILL else ""
    return f"must end with a result, got {ending(code)}{memory}"
