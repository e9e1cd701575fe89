"""What an artifact says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq import __version__
from kerasseq.exporters.exporter import Subject
from kerasseq.runtime.metadata import FORMAT
from kerasseq.training.origin import file_digest

if TYPE_CHECKING:
    from kerasseq.pipelines.pipeline import Pipeline

__all__ = ["MEMBER", "describe", "left_to_python", "steps"]

MEMBER = "kerasseq.json"
"""Name of the JSON file inside an artifact that takes the model's inputs."""


def describe(subject: Subject) -> dict[str, Any]:
    """Name, task, labels, range, unit, versions, data, citation and digest of the weights of a run, as JSON values."""
    trained, weights = subject.trained, subject.directory.model
    task = trained.task
    said = {"model_sha256": file_digest(weights)} if weights.exists() else {}
    return said | {
        "format": FORMAT,
        "version": __version__,
        "name": trained.experiment.name,
        "task": task.name,
        **task.pipeline.describe(),
        **task.describe(),
        "columns": [column.as_json() for column in task.answer_columns],
        "outputs": {out: list(axes) for out, axes in task.answer_axes.items()},
        "citation": subject.citation,
        "components": dict(subject.components),
        "data": dict(subject.data),
    }


def steps(subject: Subject) -> dict[str, Any]:
    """What turns a row into the model's inputs, as JSON values: of texts preprocessors in their order and tokenizer.

    The tokenizer's value is that of `tokenizer.json`: vocabulary by id, greatest length, truncation.
    """
    return dict(subject.trained.task.pipeline.steps())


def left_to_python(pipeline: Pipeline, *more: str) -> str:
    """What an artifact that takes the model's inputs leaves to its user, and what it holds for that.

    Args:
        pipeline: Of the model.
        more: What else is left.
    """
    return f"{', '.join([pipeline.way, *more])}; {MEMBER} inside holds {pipeline.way_parts}"
