"""The experiment of the small model: on a table that its teachers filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasseq.config.experiment import Experiment
from kerasseq.config.look import Wanted, look
from kerasseq.config.new import new
from kerasseq.config.read import read_experiment, read_text
from kerasseq.config.reference import toml
from kerasseq.distill.teachers import Teacher
from kerasseq.distill.texts import Given
from kerasseq.errors import UsageError
from kerasseq.run_directory import slug

__all__ = ["Student", "student_experiment"]

SMALL = ("encoder.units=64", "embedding.dimension=64", "wide=[]")
"""What makes the recipe of `config new` small, whatever the number of rows."""


@dataclass(frozen=True)
class Student:
    """How the student is made.

    Attributes:
        teachers: Who said what is in the table.
        given: Its texts.
        table: Where it will be.
        config: A TOML whose `[dataset]` is replaced; None for the recipe of `config new`, made small.
        temperature: Of the loss; 1 for what the config says.
        label_share: See `dataset.label_share`; of texts that have labels.
        overrides: `"training.epochs=3"`.
        backend: Weighs more than everything in the config.
    """

    teachers: Sequence[Teacher]
    given: Given
    table: Path
    config: Path | None = None
    temperature: float = 1.0
    label_share: float = 0.5
    overrides: Sequence[str] = ()
    backend: str = ""


def student_experiment(student: Student, written: bool) -> Experiment:
    """Read, complete and check it.

    Args:
        student: What is asked for.
        written: Whether the table is there to be looked at.

    Raises:
        ConfigError: With every problem of the config.
        UsageError: The config has another task than the teachers.
    """
    labels = student.teachers[0].labels
    task = "classification" if labels else "regression"
    overrides = [f"dataset={toml(_dataset(student))}"]
    if student.config is None:
        overrides += SMALL
    if student.temperature != 1:
        overrides.append(f"task.temperature={student.temperature:g}")
    overrides += student.overrides
    if student.config is not None:
        found = read_experiment(student.config, overrides, student.backend, not written)
    else:
        found = read_text(_recipe(student, task), "the student", ".", overrides, student.backend, not written)
    if found.task.target != ("class" if labels else "number"):
        source = student.config or "the student"
        raise UsageError(f'{source}: task.name must be "{task}", as of the teachers, got "{found.task.name}"')
    return found


def _dataset(student: Student) -> dict[str, Any]:
    labels, several = student.teachers[0].labels, len(student.teachers) > 1
    section: dict[str, Any] = {"name": "table", "train": str(student.table.resolve()), "text": "text"}
    if labels:
        section |= {"target": [f"score[{label}]" for label in labels], "classes": list(labels)}
    else:
        section |= {"target": "prediction"} | ({"deviation": "deviation"} if several else {})
    who = " and ".join(teacher.name for teacher in student.teachers)
    said = f"the mean of {len(student.teachers)} models, {who}" if several else f"the model {who}"
    if student.given.labels is not None:
        section |= {"label": "label", "label_share": student.label_share}
        said += f"; of labelled rows the label has a share of {student.label_share:g}"
    return section | {"labelled_by": said[:1000]}


def _recipe(student: Student, task: str) -> str:
    """What `config new` writes for these texts."""
    texts, labels = student.given.texts, student.teachers[0].labels or ("0", "1")
    columns = {"text": texts, "target": [labels[place % len(labels)] for place in range(len(texts))]}
    wanted = Wanted("target", "text", task=task)
    name = slug(student.table.stem.replace(".", "-"))[:100]
    return new(look(columns, wanted, student.table.name), wanted, {"train": student.table.name}, name, "student.toml")
