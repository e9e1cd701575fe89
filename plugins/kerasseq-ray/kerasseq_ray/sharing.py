"""One training by several workers, begun again behind the last whole epoch where one of them dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq.environment import describe, read_environment
from kerasseq.experiment import build, train
from kerasseq.plugin import RunDirectory, RunError, say
from kerasseq.training.records import left
from kerasseq_ray.crew import Crew, Job
from kerasseq_ray.gloo import WorkerLost

if TYPE_CHECKING:
    from kerasseq.plugin import TrainedModel
    from kerasseq.preparation import Prepared
    from kerasseq.tracking import Tracking
    from kerasseq.training.history import History
    from kerasseq.training.loop import Progress

__all__ = ["TIMES", "Sharing", "workers_of"]

TIMES = 3
"""Times that workers are begun again while no epoch ends."""


def workers_of(directory: RunDirectory | None) -> int:
    """How many workers a run had that goes on; 0 for a new one."""
    return int(read_environment(directory).get("workers", 1)) if directory is not None else 0


@dataclass
class Sharing:
    """A training that several workers share, of which this process leads.

    Attributes:
        directory: Of the run.
        progress: Told how it goes.
        tracked: The run's trackers.
        workers: The leader among them.
        force: Go on with another number of them, or whatever else the numbers depend on.
    """

    directory: RunDirectory
    progress: Progress
    tracked: Tracking
    workers: int
    force: bool

    def train(self, trained: TrainedModel, prepared: Prepared, resume: bool) -> tuple[TrainedModel, History]:
        """Train to the end.

        Args:
            trained: An untrained model.
            prepared: The data.
            resume: The run in the directory goes on.

        Returns:
            The trained model, another one where workers died, and its history.

        Raises:
            RunError: Workers die again and again, or there is no room for them any more; the run can go on.
        """
        lost, epochs = 0, self._written()
        while True:
            try:
                return trained, self._once(trained, prepared, resume)
            except WorkerLost as cause:
                lost, epochs, before = lost + 1, self._written(), epochs
                lost = lost if epochs == before else 1
                if lost > TIMES:
                    cause.add_note(self._left())
                    raise
                say(f"{cause}; goes on behind the last whole epoch")
            except RunError as stop:
                if lost:
                    stop.add_note(self._left())
                raise
            trained, _ = build(trained.experiment, self.directory, (trained.task, prepared))
            resume = True

    def _once(self, trained: TrainedModel, prepared: Prepared, resume: bool) -> History:
        """Train until the end, or until a worker dies."""
        experiment = trained.experiment
        if self.workers == 1:
            return train(trained, prepared, self.directory, self.progress, (), resume, self.tracked, self.force)
        told: dict[str, Any] = describe(experiment, prepared.tables)
        run = str(self.directory.path.absolute()) if resume else ""
        with Crew(Job(experiment.to_toml(), experiment.backend, run, told), self.workers - 1) as crew:
            try:
                with crew.team() as trained.engine.team:
                    return train(trained, prepared, self.directory, self.progress, (), resume, self.tracked, self.force)
            except WorkerLost as cause:
                raise WorkerLost(crew.fate()) from cause

    def _left(self) -> str:
        """What there is, and how to go on."""
        verb = "run" if self.tracked.measured else "train"
        return f"{left(self.directory)}; go on with: kerasseq {verb} --resume {self.directory.path} --engine ray"

    def _written(self) -> int:
        """When the last epoch was written."""
        last = self.directory.checkpoints / "last.npz"
        return last.stat().st_mtime_ns if last.exists() else 0
