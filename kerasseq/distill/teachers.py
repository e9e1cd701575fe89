"""Who labels texts: finished runs, and exported files."""

# N texts, M teachers, K classes

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.config.finished import read_run
from kerasseq.errors import KerasseqError, UsageError
from kerasseq.files import guarded
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load as load_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.runtime import Model

__all__ = ["Said", "Teacher", "ask", "find_teachers"]

Answer = Callable[[Sequence[str]], Mapping[str, Sequence[Any]]]
"""Texts to named columns, as `kerasseq predict` prints them."""


@dataclass(frozen=True)
class Teacher:
    """A model that gives a text a class or a number; nothing of it is loaded.

    Attributes:
        name: The path that was given, of a run the run itself.
        labels: Its classes; empty where it gives a number.
        open: What loads it, once Keras has a backend.
    """

    name: str
    labels: tuple[str, ...]
    open: Callable[[], Answer]


@dataclass(frozen=True)
class Said:
    """What all teachers together say of N texts.

    Attributes:
        labels: The K classes; empty for numbers.
        means: `(N, K)` probabilities, or `(N, 1)` numbers: the mean over the teachers.
        deviations: `(N, 1)`, how far the numbers of several teachers lie apart; None of classes and of one teacher.
    """

    labels: tuple[str, ...]
    means: NDArray[np.float64]
    deviations: NDArray[np.float64] | None = None


def find_teachers(paths: Sequence[Path]) -> list[Teacher]:
    """Look at runs and files, and whether they say the same sort of thing; Keras is not imported.

    Args:
        paths: Run directories, folders of an experiment for its newest run, or exported `model.onnx` files.

    Raises:
        UsageError: With everything that is wrong: no run, another task, rows that are no single texts, other classes.
    """
    found: list[Teacher] = []
    problems = []
    for path in paths:
        try:
            found.append(_of_file(path) if path.suffix == ".onnx" and not path.is_dir() else _of_run(path))
        except KerasseqError as error:
            problems.append(str(error))
    problems += _strangers(found)
    names = [teacher.name for teacher in found]
    problems += [
        f"{name}: must be given once, got it {names.count(name)} times"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if problems:
        raise UsageError("\n".join(problems))
    return found


def ask(teachers: Sequence[Teacher], texts: Sequence[str], tell: Callable[[str], None]) -> Said:
    """The mean of what the teachers say of each text.

    Args:
        teachers: One or more, of the same classes.
        texts: N texts.
        tell: Told which teacher answers.
    """
    labels = teachers[0].labels
    answers = []
    for teacher in teachers:
        tell(f"{teacher.name} answers {len(texts):,} texts")
        columns = teacher.open()(texts)
        names = [f"score[{label}]" for label in labels] or ["prediction"]
        answers.append(np.array([columns[name] for name in names], dtype=np.float64).T)  # (N, K)
    every = np.stack(answers)  # (M, N, K)
    means = every.mean(axis=0)
    if labels:
        return Said(labels, means / means.sum(axis=1, keepdims=True))
    return Said((), means, every.std(axis=0) if len(every) > 1 else None)


def _of_run(path: Path) -> Teacher:
    run = RunDirectory.open(path)
    experiment = read_run(run)
    task, dataset = experiment.task, experiment.dataset
    if task.target not in ("class", "number") or dataset.row_kind != "text" or "text_2" in dataset.provides:
        rows = "pairs of texts" if "text_2" in dataset.provides else dataset.row_kind
        raise UsageError(f"{run.path}: must give a text a class or a number, got {task.name} of {rows}")
    with guarded(run.task, "what training wrote"):
        labels = json.loads(run.task.read_text(encoding="utf-8")).get("labels", [])

    def opened() -> Answer:
        from kerasseq.loading import load

        return load(run.path).predict

    return Teacher(str(run.path), tuple(labels), opened)


def _of_file(path: Path) -> Teacher:
    model: Model = load_file(path)
    names = [column.name for column in model.columns]
    number = names == ["prediction"] and all(axes == ("batch",) for axes in model.outputs.values())
    classes = names == ["prediction", "score", *(f"score[{label}]" for label in model.labels)]
    if model.takes != "text" or not (number or classes):
        raise UsageError(
            f"{path}: must give a text a class or a number, got one that takes {model.takes} "
            f"and answers {', '.join(names[:5])}"
        )
    return Teacher(str(path), model.labels if classes else (), lambda: model.predict)


def _strangers(teachers: Sequence[Teacher]) -> Iterator[str]:
    """Those that do not speak of what the first one speaks of."""
    for other in teachers[1:]:
        first = teachers[0]
        if set(other.labels) != set(first.labels):
            yield f"{other.name}: must say what {first.name} says, {_spoken(first)}, got {_spoken(other)}"


def _spoken(teacher: Teacher) -> str:
    if not teacher.labels:
        return "a number"
    return f"one of {', '.join(teacher.labels[:10])}{' ...' if len(teacher.labels) > 10 else ''}"
