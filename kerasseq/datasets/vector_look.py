"""What files of sequences of vectors look like, for a first config."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasseq.arrays.npz import Npz
from kerasseq.arrays.numbers import as_number
from kerasseq.config.look import scores
from kerasseq.config.new_vectors import VectorLook
from kerasseq.datasets.problems import shown
from kerasseq.datasets.vector_arrow import nested_columns
from kerasseq.datasets.vector_files import form_of, read_rows
from kerasseq.errors import UsageError
from kerasseq.registry.components import nearest

__all__ = ["look_at_vectors"]

_USUAL = ("y", "target", "label", "labels", "class", "tags", "score")
"""What targets are mostly called."""
_NAMES = {"vectors": "vectors", "target": "auto"}
"""Keys of `[dataset]` and what stands in them mostly."""
_PARTS = ("flat", "x", "offsets", "lengths")


def look_at_vectors(files: Mapping[str, Path], vectors: str = "", target: str = "", task: str = "") -> VectorLook:
    """Look at every file.

    Args:
        files: Side -> path, `train` among them.
        vectors: The column of the vectors; empty to judge.
        target: The array or column of the targets; empty to judge.
        task: `classification`, `regression` or `tagging`; empty to judge by the targets.

    Raises:
        UsageError: It cannot be told which array or column is which, targets do not suit the task, or none are there.
        DataError: A file cannot be read.
    """
    first = files["train"]
    settings = _settings(first, vectors, target)
    column, name = (settings.get(key, (usual, ""))[0] for key, usual in _NAMES.items())
    read = {side: read_rows(path, column, name) for side, path in files.items()}
    rows = {side: [value for value in part.targets.to_pylist() if value is not None] for side, part in read.items()}
    known = rows["train"]
    problems = [problem.render(shown(first)) for problem in read["train"].problems]
    if not known:
        raise UsageError(problems[0] if problems else f"{shown(first)}: must have targets, got none")
    found, why = _task_of(known, task, shown(first))
    per_row = [values if found == "tagging" else [values] for values in known]
    classes = Counter(str(value) for values in per_row for value in values) if found != "regression" else Counter()
    numbers = [as_number(value) for value in known] if found == "regression" else []
    lengths = [int(n) for part in read.values() for n in part.offsets[1:] - part.offsets[:-1]]
    return VectorLook(
        settings=settings,
        task=found,
        why=why,
        rows=len(lengths),
        bad=sum(part.rows for part in read.values()) - len(lengths),
        width=read["train"].flat.shape[1],
        shortest=min(lengths),
        longest=max(lengths),
        classes=dict(classes.most_common()),
        lowest=min(numbers, default=math.nan),
        highest=max(numbers, default=math.nan),
        beside=_beside(rows, classes) if found == "tagging" else (),
    )


def _settings(path: Path, vectors: str, target: str) -> dict[str, tuple[str, str]]:
    form = form_of(path)
    if form == "ts":
        return {}
    if form == "npz":
        with Npz(path) as file:
            names = [name for name in file.names if name not in _PARTS]
        return {"target": _target(path, names, target, "array")}
    nested, names = nested_columns(path)
    if vectors and vectors not in nested:
        rule = "--text must be a column of lists of lists of numbers"
        raise UsageError(f'{rule}, got "{vectors}"{nearest(vectors, nested)}')
    if not vectors and len(nested) != 1:
        choices = ", ".join(f"--text {name}" for name in nested)
        raise UsageError(f"{shown(path)}: which column holds the vectors cannot be told: {choices}")
    column = vectors or nested[0]
    reason = "the column of lists of lists of numbers"
    return {"vectors": (column, reason), "target": _target(path, names, target, "column")}


def _target(path: Path, names: Sequence[str], wanted: str, noun: str) -> tuple[str, str]:
    """The array or column of the targets, and why it is that."""
    if wanted and wanted not in names:
        raise UsageError(f'--target must be one {noun} of {shown(path)}, got "{wanted}"{nearest(wanted, names)}')
    usual = [name for name in _USUAL if name in names]
    if not wanted and not usual and len(names) != 1:
        choices = ", ".join(f"--target {name}" for name in names) or "there is no other"
        raise UsageError(f"{shown(path)}: which {noun} holds the targets cannot be told: {choices}")
    if wanted:
        return wanted, "as asked for"
    return (usual[0], "by its name") if usual else (names[0], f"the only other {noun}")


def _task_of(targets: Sequence[Any], wanted: str, source: str) -> tuple[str, str]:
    """The task, and why it is that."""
    per_step = isinstance(targets[0], list)
    if per_step or wanted == "tagging":
        if not per_step or wanted not in ("", "tagging"):
            got = "one for each step" if per_step else "one for each sequence"
            raise UsageError(f"--task {wanted}: does not suit the targets of {source}, {got}")
        return "tagging", "a target for each step"
    numbers = [as_number(value) for value in targets]
    many = scores(numbers)
    if wanted == "regression" and not all(map(math.isfinite, numbers)):
        raise UsageError(f'--task regression: the targets of {source} must be numbers, got "{targets[0]}"')
    if wanted:
        return wanted, "as asked for"
    return ("regression", "a number for each sequence") if many else ("classification", "a class for each sequence")


def _beside(rows: Mapping[str, Sequence[Any]], classes: Mapping[str, int]) -> tuple[str, ...]:
    found = {str(tag) for tags in rows.values() for row in tags for tag in row}
    return tuple(sorted(found - set(classes)))
