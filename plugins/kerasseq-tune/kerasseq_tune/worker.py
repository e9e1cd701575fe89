"""A process that trains trials, `python -m kerasseq_tune.worker`: data and text path are read once, for all of them.

A job is a line of JSON on stdin, answers are lines on stdout: `epoch` after each epoch, which waits for a line that
says whether to go on, and one of `done`, `stopped`, `refused`, `failed` at the end.
"""

from __future__ import annotations

import io
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from kerasseq.plugin import KerasseqError, RunDirectory, UsageError
from kerasseq.processes import converse

if TYPE_CHECKING:
    from kerasseq.plugin import Experiment
    from kerasseq.training.history import History

__all__ = ["Bench", "OutOfTime"]

NETWORK = ("encoder", "pooler", "decoder", "search", "evaluation", "exporter", "tracker")
"""Sections that say nothing of data and text path."""

DATA_OF_TRAINING = ("folds",)
OF_NETWORK = {"task": ("dropout", "label_smoothing", "tied"), "embedding": ("dimension", "dropout", "word_dropout")}
"""Keys of other sections that say nothing of them either."""

GRACE = 5.0
"""Seconds that a trial has to end where the study ends before it."""

TIMED = 200
"""Texts that a latency is the median of."""


class OutOfTime(Exception):
    """The time is over before a trial has an answer."""


@dataclass(frozen=True)
class Limits:
    """What a model may be, 0 for whatever it is."""

    size: int
    latency: float


class Bench:
    """Trains one trial after another on the same rows.

    Args:
        say: Says an answer.
        hear: Waits for the line that follows an epoch.
    """

    def __init__(
        self, say: Callable[[Any], None] = lambda _: None, hear: Callable[[], Mapping[str, Any]] = dict
    ) -> None:
        self.say = say
        self.hear = hear
        self.known: tuple[str, Any] | None = None
        self.read = 0.0

    def work(self, job: Mapping[str, Any]) -> None:
        """Do a job: train a trial, or measure a run that is kept.

        Args:
            job: `experiment`, TOML, and `backend`; `directory` of the trial; `deadline`, a time as `time.time` gives
                it, or None; `size` and `latency`, most bytes of model.onnx and seconds of a text, or 0; or `measure`,
                a directory.
        """
        try:
            self.say(self._measured(job) if "measure" in job else self._trained(job))
        except OutOfTime:
            self.say({"kind": "stopped", "reason": "the time is over"})
        except KerasseqError as error:
            self.say({"kind": "failed", "reason": "; ".join([str(error), *getattr(error, "__notes__", ())])})
        except Exception as error:
            self.say({"kind": "failed", "reason": f"{type(error).__name__}: {error}"})

    def _trained(self, job: Mapping[str, Any]) -> dict[str, Any]:
        from kerasseq.config.read import read_text
        from kerasseq.environment import data_hash
        from kerasseq.experiment import build, train
        from kerasseq.model import parameters
        from kerasseq.training.judged import judged

        begun = time.monotonic()
        experiment = read_text(job["experiment"], "trial", backend=job["backend"])
        about = _about_data(experiment)
        reused = self.known is not None and self.known[0] == about
        trained, prepared = build(experiment, known=self.known[1] if self.known and reused else None)
        if not reused:
            self.known = (about, (trained.task, prepared))
            self.read = time.monotonic() - begun
        task = trained.task
        told: dict[str, Any] = {
            "parameters": parameters(trained.model),
            "data": {side: data_hash(table) for side, table in prepared.tables.items()} if not reused else None,
            "read": round(self.read, 3),
            "main": task.main_score,
            "lower_is_better": task.lower_is_better,
        }
        validation = prepared.examples["validation"]
        if not len(validation) and not prepared.folds:
            return {**told, "kind": "failed", "reason": "validation: must have rows to judge trials by, got none"}
        limits = Limits(job.get("size", 0), job.get("latency", 0.0))
        directory = RunDirectory(job["directory"])
        directory.path.mkdir(parents=True, exist_ok=True)
        directory.checkpoints.mkdir(exist_ok=True)
        if limits.size or limits.latency:
            told |= _costs(trained, prepared, directory, limits)
            over = _over(told, limits)
            if over:
                return {**told, "kind": "refused", "reason": over, "seconds": round(time.monotonic() - begun, 3)}
        watch = Watch(self, job.get("deadline"), task.main_score, task.lower_is_better)
        history = train(trained, prepared, directory, watch, [watch])
        scores = judged(trained, validation, history, directory)
        if task.main_score not in scores:
            return {**told, "kind": "failed", "reason": f"validation has no {task.main_score}"}
        return {
            **told,
            "kind": "pruned" if watch.pruned else "done",
            "value": scores[task.main_score],
            "own": _own(history, task.main_score),
            "scores": scores,
            "epochs": len(history.rows),
            "best_epoch": history.best_epoch,
            "cut": watch.late,
            "tests": prepared.tables["test"].num_rows,
            "seconds": round(time.monotonic() - begun, 3),
        }

    def _measured(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Measure the model that is kept on the test rows, once, and export it; what `evaluate` prints, and says."""
        from kerasseq.commands.outcome_json import outcome_json
        from kerasseq.commands.scores import show_outcome
        from kerasseq.evaluation.again import again

        outcome = again(RunDirectory(job["measure"]))
        with redirect_stdout(io.StringIO()) as said:
            show_outcome(outcome)
        return {"kind": "done", "said": said.getvalue(), "outcome": outcome_json(outcome)}


class Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Says each epoch and hears whether to go on; ends the training when its time is over.

    Args:
        bench: Says and hears.
        deadline: A time as `time.time` gives it, or None.
        main: The score that is said, as the history names it.
        lower_is_better: Of it.

    Attributes:
        pruned: Whether the other side had enough.
        late: Whether the time was over.
    """

    def __init__(self, bench: Bench, deadline: float | None, main: str, lower_is_better: bool) -> None:
        super().__init__()
        self.bench = bench
        self.deadline = deadline
        self.main = main
        self.about = {"lower_is_better": lower_is_better}
        self.pruned = False
        self.late = False
        self.begun = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop where the time is over: what has been learned so far is validated and counts."""
        if self.deadline is not None and time.time() > self.deadline:
            self.late = self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Say the score; a network that follows folds is trained as they say."""
        value = (logs or {}).get(f"val_{self.main}")
        if value is None or self.late or not math.isfinite(value):
            return
        seconds = round(time.monotonic() - self.begun, 3)
        self.bench.say({"kind": "epoch", "epoch": epoch + 1, "value": float(value), "seconds": seconds, **self.about})
        if not self.bench.hear().get("go", True):
            self.pruned = self.model.stop_training = True

    # === Progress, which is told of folds, too ===

    def update(self, epoch: int, loss: float, tokens: int) -> None:
        """One update is done. A fold that the time does not reach ends the trial."""
        if self.deadline is not None and time.time() > self.deadline and self.model is None:
            raise OutOfTime

    def epoch(self, row: Mapping[str, Any], seconds: float) -> None:
        """One epoch is done."""

    def part(self, name: str, epochs: int) -> None:
        """A fold begins, or what follows the folds."""


def _own(history: History, main: str) -> float:
    """The score of the network alone at the epoch that is kept; 0 where nothing says it."""
    row = history.rows[history.best_epoch - 1] if history.rows else {}
    value = float(row.get(f"validation_{main}", 0.0))
    return value if math.isfinite(value) else 0.0


def _about_data(experiment: Experiment) -> str:
    """What data and text path of an experiment hang on: every key but those that are known to be the network's."""
    told = experiment.to_dict()
    for section in NETWORK:
        told.pop(section, None)
    told["training"] = {key: told["training"][key] for key in DATA_OF_TRAINING}
    for section, keys in OF_NETWORK.items():
        told[section] = {key: value for key, value in (told.get(section) or {}).items() if key not in keys}
    told.pop("seed", None)
    return json.dumps(told, sort_keys=True)


def _costs(trained: Any, prepared: Any, directory: RunDirectory, limits: Limits) -> dict[str, Any]:
    """Bytes of the untrained model's model.onnx, which training does not change, and seconds that it needs for a text.

    A latency is the median over single texts of validation, or of training where folds leave none there; onnxruntime
    with one thread.
    """
    from kerasseq.exporters.onnx.exporter import answers, unproved
    from kerasseq.exporters.onnx.sealing import sealed_bytes
    from kerasseq.plugin import Subject

    samples, pipeline = prepared.samples["validation"], trained.task.pipeline
    if not len(samples):
        samples = prepared.samples["train"]
    if limits.latency and (pipeline.runs_on or pipeline.writes):
        raise UsageError("--latency: must be of a model that answers a text at once, got one that writes")
    file = unproved(Subject(trained, directory, samples, None, "", {}, {}))
    with tempfile.TemporaryDirectory(prefix="kerasseq-") as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(sealed_bytes(file.model))
        told: dict[str, Any] = {"size": path.stat().st_size}
        if limits.latency:
            ask, times = answers(file, trained, path, path.name), []
            for row in range(TIMED):
                one = samples.take([row % len(samples)])
                begun = time.perf_counter()
                ask(one)
                times.append(time.perf_counter() - begun)
            told["latency"] = round(statistics.median(times), 6)
    return told


def _over(told: Mapping[str, Any], limits: Limits) -> str:
    """What is more than it may be, in words; empty where nothing is."""
    said = []
    if limits.size and told["size"] > limits.size:
        said.append(f"model.onnx has {told['size'] / 1e6:.3g} MB, --size allows {limits.size / 1e6:.3g}")
    if limits.latency and told["latency"] > limits.latency:
        said.append(f"a text takes {1e3 * told['latency']:.3g} ms, --latency allows {1e3 * limits.latency:.3g}")
    return "; ".join(said)


def main() -> None:
    """Do jobs until there are no more."""
    bench = Bench()

    def work(job: Mapping[str, Any], say: Callable[[Any], None], hear: Callable[[], Any]) -> None:
        bench.say, bench.hear = say, hear
        bench.work(job)

    converse(work, GRACE)


if __name__ == "__main__":
    main()
