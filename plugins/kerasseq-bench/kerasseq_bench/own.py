"""One experiment of kerasseq, measured in a process of its own; and its rows, written for another program.

Run as `python -m kerasseq_bench.own train JOB.json OUT.json` or `... rows JOB.json OUT.json`.
"""

# N rows

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["rows", "train"]


def rows(job: dict[str, Any]) -> dict[str, Any]:
    """Write the rows of each side as JSON lines to `job["folder"]`; Keras is not imported.

    Args:
        job: `config`, `overrides` and `folder`.

    Returns:
        The file of each side.

    Raises:
        DataError: The rows are pairs, or there are none to train or to measure on.
    """
    from kerasseq import read_experiment
    from kerasseq.corpus.split import split
    from kerasseq.plugin import DataError

    experiment = read_experiment(job["config"], job["overrides"])
    table = experiment.dataset.build()
    if "text_2" in table.column_names:
        raise DataError("dataset: must be single texts for this measurement, got pairs")
    sides = split(table, experiment.split, experiment.task.target)
    files = {}
    for side in ("train", "validation", "test"):
        part = table.take(getattr(sides, side)).select(["text", "target"])
        if not part.num_rows and side != "validation":
            raise DataError(f"{side}: must have rows for this measurement, got none")
        file = Path(job["folder"]) / f"{side}.jsonl"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in part.to_pylist())
        files[side] = str(file)
    return files


class _Clock:
    """Progress that looks at the clock at the end of each epoch."""

    def __init__(self) -> None:
        self.training: list[float] = []
        self.whole: list[float] = []
        self.started = 0.0

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """Nothing to note."""

    def epoch(self, row: dict[str, Any], seconds: float) -> None:
        """Note an epoch: its updates, and all of it with validation and checkpoint."""
        now = time.perf_counter()
        self.training.append(seconds)
        self.whole.append(now - self.started)
        self.started = now
        loss = row.get("validation_loss", row["loss"])
        print(f"kerasseq, epoch {row['epoch']}: validation loss {loss:.4f}", file=sys.stderr, flush=True)

    def part(self, name: str, epochs: int) -> None:
        """Nothing to note."""


def train(job: dict[str, Any]) -> dict[str, Any]:
    """Read, encode, build, train and answer the test rows, as `kerasseq run` does; no baselines, no report.

    Args:
        job: `config`, `overrides`, `folder` for the run directory, and `threads`, 0 for what torch takes.
    """
    from kerasseq import read_experiment
    from kerasseq.backend.select import select, threads

    begun = time.perf_counter()
    experiment = read_experiment(job["config"], job["overrides"])
    select(experiment.backend)
    if experiment.backend == "torch" and job["threads"]:
        import torch

        torch.set_num_threads(job["threads"])
    from kerasseq.experiment import build
    from kerasseq.experiment import train as fit
    from kerasseq.plugin import RunDirectory

    clock = _Clock()
    started = time.perf_counter()  # Keras and torch are imported
    trained, data = build(experiment)
    preparation = time.perf_counter() - started
    clock.started = time.perf_counter()
    fit(trained, data, RunDirectory.create(job["folder"], experiment.name), clock)
    examples, task = data.examples["test"], trained.task
    answers: Any = trained.answer_examples(examples, data.counts["test"]).predictions
    return {
        "imports": started - begun,
        "preparation": preparation,
        "training": clock.training,
        "validation": [whole - part for whole, part in zip(clock.whole, clock.training, strict=True)],
        "scores": _scores(answers.answers, examples.targets, task.name == "classification"),
        "rows": {side: len(part) for side, part in data.examples.items()},
        "vocabulary": len(task.pipeline.vocabulary),
        "threads": threads(),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def _scores(answers: Any, truth: Any, classes: bool) -> dict[str, float]:
    """Accuracy of classes; Pearson's r and the mean absolute error of scores."""
    import numpy as np

    if classes:
        return {"accuracy": float((answers == truth).mean())}
    constant = min(np.ptp(answers), np.ptp(truth)) == 0
    r = 0.0 if constant else float(np.corrcoef(answers, truth)[0, 1])
    return {"r": r, "mae": float(np.abs(answers - truth).mean())}


if __name__ == "__main__":
    step = {"rows": rows, "train": train}[sys.argv[1]]
    result = step(json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
    Path(sys.argv[3]).write_text(json.dumps(result), encoding="utf-8")
