"""From teachers and texts to a measured student: ask, write the table, train on it."""

# N texts, K classes

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kerasseq.distill.agreement import agreement
from kerasseq.distill.student import Student, student_experiment
from kerasseq.distill.teachers import Said, ask
from kerasseq.files import csv_text, write_text

if TYPE_CHECKING:
    from pathlib import Path

    from kerasseq.distill.texts import Given
    from kerasseq.evaluation.measure import Outcome
    from kerasseq.training.loop import Progress

__all__ = ["distill"]


def distill(
    student: Student, root: Path, tell: Callable[[str], None], progress: Progress | None = None
) -> tuple[Outcome, list[str]]:
    """Ask the teachers, write what they say to `student.table`, train and measure the student.

    Keras runs on the backend of the student already.

    Args:
        student: What is asked for.
        root: Where run directories are made.
        tell: Told what goes on.
        progress: Told how training goes.

    Returns:
        The outcome of its run, and lines on what it and its teachers say of the test texts.

    Raises:
        ConfigError: With every problem of the config that the table brings out.
        DataError: A class has no room in a side; nothing of the run was written.
        RunError: A teacher is damaged, or training diverged.
    """
    said = ask(student.teachers, student.given.texts, tell)
    write_text(student.table, csv_text(_rows(student.given, said)))
    tell(f"wrote {student.table}")
    experiment = student_experiment(student, written=True)
    from kerasseq.experiment import run

    outcome = run(experiment, root, progress)
    return outcome, agreement(outcome, student.given, said)


def _rows(given: Given, said: Said) -> Iterator[list[Any]]:
    """The table: `text`, a column for each class or `prediction` and maybe `deviation`, and maybe `label`."""
    names = [f"score[{label}]" for label in said.labels] or ["prediction"]
    yield [
        "text",
        *names,
        *(["deviation"] if said.deviations is not None else []),
        *(["label"] if given.labels is not None else []),
    ]
    for place, text in enumerate(given.texts):
        row: list[Any] = [text, *(f"{value:.7g}" for value in said.means[place])]
        if said.deviations is not None:
            row.append(f"{said.deviations[place, 0]:.7g}")
        yield row if given.labels is None else [*row, given.labels[place]]
