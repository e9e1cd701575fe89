"""What is trained: a model with its task and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from kerasseq.backend.engine import Engine
    from kerasseq.config.experiment import Experiment
    from kerasseq.tasks.task import Task

__all__ = ["Trainable"]


class Trainable(Protocol):
    """A model and what trains it; `TrainedModel` is one.

    Attributes:
        experiment: What it was made from.
        task: Gives the loss and the scores.
        model: A built Keras model.
    """

    experiment: Experiment
    task: Task
    model: Any

    @property
    def engine(self) -> Engine:
        """Runs the model."""

    @property
    def optimizer(self) -> Any:
        """The Keras optimizer that the engine applies."""
