"""Telling the trackers of an experiment how a run goes; one that fails is left out, and the run goes on."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kerasseq.config.flat import flat
from kerasseq.files import write_json
from kerasseq.registry.components import blame
from kerasseq.trackers.tracker import Results, Tracked, Tracker

if TYPE_CHECKING:
    from kerasseq.config.experiment import Experiment
    from kerasseq.run_directory import RunDirectory

__all__ = ["Tracking", "tracking"]

log = logging.getLogger("kerasseq")

PICTURES = ("*.png", "*.svg")


@dataclass(frozen=True)
class _Told:
    """Who is told, and where it stands in the file: `tracker[0]`."""

    key: str
    tracker: Tracker


class Tracking:
    """The trackers of one run; it tells nothing before `start`.

    Args:
        experiment: Says who they are.
        directory: Of the run.
        measured: Whether it is measured, too.
    """

    def __init__(self, experiment: Experiment, directory: RunDirectory, measured: bool) -> None:
        self.experiment = experiment
        self.directory = directory
        self.measured = measured
        self._told: list[_Told] = []

    def start(self, resumed: bool = False) -> None:
        """Build them and tell them of the run.

        Args:
            resumed: The run was there before.
        """
        place = self.directory.path
        name = f"{self.experiment.name}/{place.name}"
        settings = dict(flat(self.experiment.to_dict())) if self.experiment.tracker else {}
        before = _known(self.directory) if resumed else []
        now: list[dict[str, str]] = []
        for number, spec in enumerate(self.experiment.tracker):
            key = f"tracker[{number}]"
            own = self._found(key, before)
            now.append(own)
            with self._spared(key):
                tracker = spec.build()
                told = Tracked(self.experiment.name, name, place, settings, resumed, own["id"])
                own["id"] = str(tracker.start(told) or "")
                self._told.append(_Told(key, tracker))
                if any(one["id"] for one in (*now, *before)):
                    write_json(self.directory.trackers, [*now, *before])

    def epoch(self, row: Mapping[str, Any], seconds: float) -> None:
        """Tell of an epoch.

        Args:
            row: As in history.csv.
            seconds: What it took.
        """
        logs = {name: float(value) for name, value in row.items() if name != "epoch"} | {"seconds": float(seconds)}
        self._tell(lambda tracker: tracker.epoch(int(row["epoch"]), logs))

    def end(self, measured: bool) -> None:
        """Tell what came of the run.

        Args:
            measured: Whether `metrics.json` is of the weights as they are.
        """
        if self._told:
            metrics, baselines = _scores(self.directory.metrics) if measured else ({}, {})
            results = Results(metrics, baselines, tuple(_artifacts(self.directory, measured)))
            self._tell(lambda tracker: tracker.end(results))

    def stop(self, status: Literal["failed", "interrupted"], cause: str = "") -> None:
        """Tell that the run has ended early."""
        self._tell(lambda tracker: tracker.stop(status, cause))

    def _found(self, key: str, before: list[dict[str, str]]) -> dict[str, str]:
        """What a tracker's earlier part returned, which is taken out of `before`; trackers may have changed places."""
        component = self.experiment.components.get(key)
        name = component.qualified if component is not None else ""
        for one in before:
            if one["name"] == name:
                before.remove(one)
                return one
        return {"name": name, "id": ""}

    def _tell(self, call: Callable[[Tracker], None]) -> None:
        for told in tuple(self._told):
            with self._spared(told.key):
                call(told.tracker)

    @contextlib.contextmanager
    def _spared(self, key: str) -> Iterator[None]:
        """Leave out who fails within, in whatever way others' code can fail."""
        try:
            yield
        except (Exception, SystemExit) as cause:
            self._told = [told for told in self._told if told.key != key]
            blame(cause)
            said = self.experiment.describe(key)
            log.warning("%s: left out, the run goes on; it raised %s", said, _line(cause))


@contextlib.contextmanager
def tracking(experiment: Experiment, directory: RunDirectory, measured: bool) -> Iterator[Tracking]:
    """Within, a run happens; its trackers are told how it ended.

    Args:
        experiment: Of the run.
        directory: Of the run.
        measured: Whether it is measured, too.

    Yields:
        What is to be told of its start, once nothing else can claim the directory, and of its epochs.
    """
    told = Tracking(experiment, directory, measured)
    try:
        yield told
    except KeyboardInterrupt:
        told.stop("interrupted")
        raise
    except BaseException as cause:
        told.stop("failed", _line(cause))
        raise
    told.end(measured)


def _line(cause: BaseException) -> str:
    """`ValueError: too large`."""
    return f"{type(cause).__name__}: {' '.join(str(cause).split())[:300]}".removesuffix(": ")


def _known(directory: RunDirectory) -> list[dict[str, str]]:
    """What the trackers returned when the run began; nothing where the file is gone or damaged."""
    try:
        found = json.loads(directory.trackers.read_text(encoding="utf-8"))
        return [{"name": str(one["name"]), "id": str(one["id"])} for one in found]
    except Exception:  # whatever a damaged file makes a reader raise
        return []


def _scores(path: Path) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The values of metrics.json that are numbers, and those of its baselines."""

    def values(scores: Mapping[str, Any]) -> dict[str, float]:
        return {name: float(s["value"]) for name, s in scores.items() if isinstance(s.get("value"), int | float)}

    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return values(told["scores"]), {name: values(scores) for name, scores in told["baselines"].items()}
    except Exception:  # whatever a damaged file makes a reader raise
        return {}, {}


def _artifacts(directory: RunDirectory, measured: bool) -> Iterator[Path]:
    """What is there and worth keeping; the rows of the data themselves are not."""
    yield from filter(Path.exists, (directory.experiment, directory.environment, directory.history))
    if measured:
        yield from filter(Path.exists, (directory.metrics, directory.report, directory.card))
    yield from directory.artifacts()
    for pattern in PICTURES:
        yield from sorted(directory.path.glob(pattern))
