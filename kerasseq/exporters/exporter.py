"""What an exporter is: it writes one artifact, proves it equal to the model, and keeps it only then."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.errors import RunError

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples
    from kerasseq.run_directory import RunDirectory
    from kerasseq.trained import TrainedModel

__all__ = ["Exported", "Exporter", "Refused", "Subject"]


class Refused(RunError):
    """Nothing was written: the model cannot be said in this form, or the artifact did not answer as the model does."""


@dataclass(frozen=True)
class Subject:
    """What is exported.

    Attributes:
        trained: The model.
        directory: Its run.
        samples: Rows to prove on: the test rows, where they can be had.
        truth: Their encoded targets, for what changes scores; None where there are none.
        citation: Of the data, for whoever gets the file.
        data: Rows and hash of each side, as in environment.json.
        components: Name and version of every component, as in environment.json.
    """

    trained: TrainedModel
    directory: RunDirectory
    samples: Samples
    truth: Any = None
    citation: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    components: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: The artifact.
        facts: What there is to say about it, in the order to say it.
    """

    path: Path
    facts: Mapping[str, str]

    def __str__(self) -> str:
        return "; ".join(f"{key} {value}" for key, value in self.facts.items())


class Exporter(ABC):
    """Writes one kind of artifact."""

    name: str
    """The word behind `--to`."""

    @abstractmethod
    def path(self, directory: RunDirectory) -> Path:
        """Where the artifact belongs in a run."""

    @abstractmethod
    def export(self, subject: Subject, path: Path) -> Exported:
        """Write the artifact to `path`, atomically, and only when it answers as the model does.

        Raises:
            Refused: Nothing was written, and why.
        """
