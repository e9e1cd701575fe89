"""What an artifact says about itself."""

from __future__ import annotations

from typing import Any

from kerasseq import __version__
from kerasseq.exporters.exporter import Subject
from kerasseq.runtime.metadata import FORMAT

__all__ = ["MEMBER", "describe", "text_path"]

MEMBER = "kerasseq.json"
"""Name of the JSON file inside an artifact that takes ids."""


def describe(subject: Subject) -> dict[str, Any]:
    """Name, task, labels, range, unit, versions, data and citation of a run, as JSON values."""
    trained = subject.trained
    task, experiment = trained.task, trained.experiment
    state = task.state()
    return {
        "format": FORMAT,
        "version": __version__,
        "name": experiment.name,
        "task": "classification" if task.labels else "regression",
        "pair": trained.text.pair,
        "citation": subject.citation,
        "labels": list(task.labels),
        "range": list(getattr(experiment.task, "range", ())),
        "unit": {key: state[key] for key in ("mean", "deviation") if key in state},
        "components": dict(subject.components),
        "data": dict(subject.data),
    }


def text_path(subject: Subject) -> dict[str, Any]:
    """What turns a text into ids, as JSON values: the preprocessors in their order, and the tokenizer.

    The tokenizer's value is that of `tokenizer.json`: vocabulary by id, greatest length, truncation.
    """
    trained = subject.trained
    return {
        "preprocessors": [spec.model_dump(mode="json") for spec in trained.experiment.preprocessor],
        "tokenizer": trained.text.tokenizer.to_json(),
    }
