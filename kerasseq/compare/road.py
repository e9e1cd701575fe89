"""The comparison, top to bottom: do every job, one after another, then sum up and write.

found = compare(make_plan([Path("configs/gru.toml"), Path("configs/lstm.toml")]), Path("comparisons/0001"))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from kerasseq.compare.files import write
from kerasseq.compare.measured import Measured, Scored
from kerasseq.compare.plan import Job, Model
from kerasseq.compare.process import ask, kept, pool
from kerasseq.compare.result import Comparison, Failure
from kerasseq.compare.summary import Done, summarise
from kerasseq.console import figure
from kerasseq.errors import KerasseqError, RunError
from kerasseq.files import damage

__all__ = ["compare"]


def compare(
    models: Sequence[Model],
    out: Path,
    say: Callable[[str], None] = lambda line: None,
    work: Callable[[Job, Path], Measured] = ask,
    pooled: Callable[[Job, Sequence[Measured], Path], Scored] = pool,
) -> Comparison:
    """Train and measure, each run in a process of its own, never two at once; then write the comparison into `out`.

    What an earlier call with the same `out` finished is used again. A run that fails is told, and the rest goes on.

    Args:
        models: See `make_plan`.
        out: A folder; made where it is missing.
        say: Told a line for each run.
        work: Does one job.
        pooled: Scores the folds of one seed as one.

    Raises:
        RunError: Nothing can be written to `out`.
    """
    try:
        (out / "measured").mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise RunError(f"{out}: must be a folder that can be written to, got {damage(cause)}") from cause
    jobs = sum(len(model.jobs) for model in models)
    done = [Done(model) for model in models]
    number = 0
    for entry in done:
        for job in entry.model.jobs:
            number += 1
            fold = "" if job.fold is None else f", fold {job.fold}"
            about = f"[{number}/{jobs}] {entry.model.label}, {entry.model.backend}, seed {job.seed}{fold}"
            found = kept(job, out)
            if found is None:
                say(about)
            try:
                entry.runs.append(found or work(job, out))
            except KerasseqError as error:
                entry.failures.append(Failure(job.seed, f"{fold[2:]}: {error}" if fold else str(error)))
                say(f"{about}: FAILED: {error}")
                continue
            say(f"{about}: {'done before' if found else 'done'}, {_main(entry.runs[-1])}")
        _pool(entry, out, say, pooled)
    result = summarise(done, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))
    write(result, out)
    return result


def _pool(
    entry: Done,
    out: Path,
    say: Callable[[str], None],
    pooled: Callable[[Job, Sequence[Measured], Path], Scored],
) -> None:
    """Score the folds of each seed that all have finished as one."""
    last = {job.seed: job for job in entry.model.jobs if job.fold is not None}
    for seed, job in last.items():
        runs = sorted((run for run in entry.runs if run.seed == seed), key=lambda run: run.fold or 0)
        if len(runs) < sum(other.seed == seed for other in entry.model.jobs):
            continue
        try:
            entry.pooled[seed] = pooled(job, runs, out)
        except KerasseqError as error:
            entry.failures.append(Failure(seed, f"all folds as one: {error}"))
            say(f"{entry.model.label}, {entry.model.backend}, seed {seed}, all folds as one: FAILED: {error}")


def _main(run: Measured) -> str:
    name = run.metrics["main"]
    value = run.score(name)
    return f"{name} undefined" if value is None else f"{name} {figure(value)}"
