"""What a tracker is: it is told of one run from its start to its end, and never harms it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["Results", "Tracked", "Tracker"]


@dataclass(frozen=True)
class Tracked:
    """A run that begins, or goes on.

    Attributes:
        experiment: The name of the experiment: `"bilstm"`.
        name: The run's: `"bilstm/0003"`.
        directory: Where the run is.
        settings: Every setting by its key, defaults filled in: `{"encoder.units": 128, "preprocessor[0].name": ...}`.
            A value is a text, a number, true or false, or a list of these.
        resumed: Whether the run was there before: its training goes on, or it is measured anew.
        known: What `start` of this tracker returned when it was told of the run before; else empty.
    """

    experiment: str
    name: str
    directory: Path
    settings: Mapping[str, Any]
    resumed: bool = False
    known: str = ""


@dataclass(frozen=True)
class Results:
    """What came of a run.

    Attributes:
        metrics: Scores of the test rows by name; empty where training alone was asked for.
        baselines: The same scores of what answers without a network, by its name.
        artifacts: Files that are worth keeping, and folders: the settings, the history, the report, the card, every
            export, pictures.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    artifacts: tuple[Path, ...] = ()


class Tracker(ABC):
    """Told of one run: `start`, then `epoch` for each one, then `end` or `stop`.

    Whatever it raises is said in one warning; it is not told any more, and the run goes on.
    """

    @abstractmethod
    def start(self, run: Tracked) -> str:
        """The run begins, or goes on where `run.known` tells its earlier part.

        Returns:
            By what the same run is found again, which the run keeps in `trackers.json`; empty for nothing.
        """

    @abstractmethod
    def epoch(self, number: int, logs: Mapping[str, float]) -> None:
        """An epoch of the network that is kept has ended.

        Args:
            number: Counts from 1, and goes on where a run is resumed.
            logs: `loss`, `learning_rate`, `gradient_norm`, `seconds`, and of the validation rows `validation_loss` and
                the scores as `validation_...`; one may be NaN.
        """

    @abstractmethod
    def end(self, results: Results) -> None:
        """The run has ended well."""

    @abstractmethod
    def stop(self, status: Literal["failed", "interrupted"], cause: str) -> None:
        """The run has ended in another way; it may go on later.

        Args:
            status: `"interrupted"` by Ctrl-C, or `"failed"`.
            cause: The error in a line; empty where it was interrupted.
        """
