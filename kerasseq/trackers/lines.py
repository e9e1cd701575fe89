"""`[[tracker]] name = "lines"`: what happens to a run, a line of JSON each."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from kerasseq.files import sound
from kerasseq.spec import InputPath, TrackerSpec
from kerasseq.trackers.tracker import Results, Tracked, Tracker

__all__ = ["Lines"]


class Lines(TrackerSpec):
    """A line of JSON for the start, each epoch and the end, written at once, for whatever follows a file."""

    name: str = "lines"
    """The component."""
    path: InputPath = ""
    """The file, to which runs are appended; a relative path starts at the folder of the config. Empty: `tracking.jsonl`
    in the run."""

    def build(self) -> Tracker:
        """Return the tracker."""
        return _Lines(self.path)


class _Lines(Tracker):
    """Appends to a file.

    Args:
        path: The file; empty for one in the run.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.file = Path(path)
        self.run = ""

    def start(self, run: Tracked) -> str:
        """Name the run and its settings."""
        self.file = Path(self.path) if self.path else run.directory / "tracking.jsonl"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.run = run.name
        self._say("resumed" if run.resumed else "started", settings=dict(run.settings))
        return ""

    def epoch(self, number: int, logs: Mapping[str, float]) -> None:
        """The numbers of one epoch; one that JSON lacks is null."""
        self._say("epoch", epoch=number, logs=dict(logs))

    def end(self, results: Results) -> None:
        """The scores, and where the files are."""
        files = [str(path) for path in results.artifacts]
        self._say("ended", metrics=dict(results.metrics), baselines=dict(results.baselines), artifacts=files)

    def stop(self, status: Literal["failed", "interrupted"], cause: str) -> None:
        """How it ended."""
        self._say(status, cause=cause)

    def _say(self, event: str, **told: Any) -> None:
        time = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps(sound({"time": time, "run": self.run, "event": event, **told}), ensure_ascii=False)
        with self.file.open("a", encoding="utf-8", newline="\n") as file:
            file.write(line + "\n")
