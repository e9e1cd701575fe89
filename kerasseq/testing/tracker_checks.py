"""What holds for trackers: they take whatever a run tells, find it again, and leave its files alone."""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerasseq.errors import PluginError
from kerasseq.spec import TrackerSpec
from kerasseq.testing.faults import CheckFailed, NotChecked, told
from kerasseq.trackers.tracker import Results, Tracked, Tracker

__all__ = ["check_goes_on", "check_leaves_the_run", "check_told"]

SETTINGS = {
    "name": "tiny ✓",
    "seed": 0,
    "dataset.text": ["first", "second"],
    "dataset.group": "",
    "preprocessor[0].name": "kerasseq/html",
    "task.labels": [],
    "training.learning_rate": 0.001,
    "training.restore_best": True,
    "training.watch": "x" * 10_000,
}
METRICS = {"accuracy": 0.5, "f1[سلبي]": 0.25, "f1[a/b: c?]": 1.0, "log_loss": 0.7}
LOGS = {"loss": 0.9, "learning_rate": 0.001, "gradient_norm": 0.0, "seconds": 0.1, "validation_f1_spans": math.nan}


def check_told(spec: TrackerSpec) -> None:
    """It takes a whole run, with odd names, long settings and numbers that are none, and says what finds it again."""
    with _run() as run:
        tracker = _built(spec)
        found = _said("start", lambda: tracker.start(run))
        if not isinstance(found, str):
            raise CheckFailed(f"start must return a text by which the run is found again, got {found!r}")
        for epoch in (1, 2):
            _said("epoch", lambda epoch=epoch: tracker.epoch(epoch, LOGS))
        _said("end", lambda: tracker.end(_results(run.directory)))


def check_goes_on(spec: TrackerSpec) -> None:
    """A run that was interrupted goes on as the same one, in a new process too, and may end without a measurement."""
    with _run() as run:
        first = _built(spec)
        found = _said("start", lambda: first.start(run))
        _said("epoch", lambda: first.epoch(1, LOGS))
        _said("stop", lambda: first.stop("interrupted", ""))
        second = _built(spec)
        again = Tracked(run.experiment, run.name, run.directory, run.settings, resumed=True, known=str(found))
        other = _said("start", lambda: second.start(again))
        if other != found:
            raise CheckFailed(f"start must find the run that it is told of again, as {found!r}, got {other!r}")
        _said("epoch", lambda: second.epoch(2, LOGS))
        _said("end", lambda: second.end(Results()))


def check_leaves_the_run(spec: TrackerSpec) -> None:
    """The files of the run, its own beside them, are as they were."""
    with _run() as run:
        before = _contents(run.directory)
        tracker = _built(spec)
        with contextlib.suppress(Exception):  # `check_told` says what it is that fails
            tracker.start(run)
            tracker.epoch(1, LOGS)
            tracker.end(_results(run.directory))
        after = _contents(run.directory)
    changed = sorted(name for name, content in before.items() if after.get(name) != content)
    if changed:
        raise CheckFailed(f"the files of the run must stay as they are, another content has {', '.join(changed)}")


def _built(spec: TrackerSpec) -> Tracker:
    try:
        tracker = spec.build()
    except (ImportError, PluginError) as cause:
        if isinstance(cause, ImportError) or isinstance(cause.__cause__, ImportError):
            raise NotChecked(f"needs a library that is missing, {told(cause)}") from cause
        raise CheckFailed(f"build must return a Tracker, it raised {told(cause)}") from cause
    if not isinstance(tracker, Tracker):
        raise CheckFailed(f"build must return a Tracker, got {type(tracker).__qualname__}")
    return tracker


def _said(name: str, call: Any) -> Any:
    try:
        return call()
    except Exception as cause:
        raise CheckFailed(f"{name} must take what a run tells, it raised {told(cause)}") from cause


def _results(directory: Path) -> Results:
    artifacts = (directory / "report.html", directory / "model.onnx", directory / "saved_model")
    return Results(METRICS, {"majority": {"accuracy": 0.4}}, artifacts)


@contextlib.contextmanager
def _run() -> Iterator[Tracked]:
    """A run of a few small files in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="kerasseq-", ignore_cleanup_errors=True) as folder:
        directory = Path(folder) / "runs" / "tiny" / "0001"
        (directory / "saved_model").mkdir(parents=True)
        for name in ("experiment.toml", "report.html", "MODEL_CARD.md", "saved_model/saved_model.pb"):
            (directory / name).write_text(f"{name}: as it was\n", encoding="utf-8")
        (directory / "model.onnx").write_bytes(bytes(range(256)))
        yield Tracked("tiny", "tiny/0001", directory, SETTINGS)


def _contents(directory: Path) -> dict[str, bytes]:
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()}
