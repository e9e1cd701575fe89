"""Whether a file's inputs and outputs are what it says."""

# B batch

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasseq_runtime.answers import STEPS
from kerasseq_runtime.errors import RunError

__all__ = ["check_ends", "check_rows"]


def check_ends(
    path: Path, session: Any, tensors: Mapping[str, str], outputs: Mapping[str, Sequence[str | int]]
) -> None:
    """Raise unless a file has the inputs of its kind of rows, and every answer.

    Args:
        path: What to call it in messages.
        session: The open file.
        tensors: Type of each input by its name.
        outputs: Axes of each answer by its name.

    Raises:
        RunError: It has others.
    """
    inputs = {tensor.name: tensor.type for tensor in session.get_inputs()}
    if inputs != {name: f"tensor({kind})" for name, kind in tensors.items()}:
        kinds = sorted(set(tensors.values()))
        said = f"{kinds[0]} inputs {', '.join(tensors)}" if len(kinds) == 1 else f"inputs {_typed(tensors)}"
        raise RunError(f"{path}: must have the {said}, got {_list(inputs)}")
    found = [tensor.name for tensor in session.get_outputs()]
    wanted = {*outputs, *([STEPS] if any("time" in axes for axes in outputs.values()) else [])}
    if not wanted <= set(found):
        raise RunError(f"{path}: must have the outputs {', '.join(sorted(wanted))}, got {_list(found)}")


def check_rows(
    path: Path, rows: int, outputs: Mapping[str, Sequence[str | int]], found: Mapping[str, Any], labels: int
) -> None:
    """Raise unless a batch was answered row by row, in the sizes that the file names.

    Args:
        path: What to call it in messages.
        rows: How many were asked.
        outputs: Axes of each answer by its name.
        found: The answers.
        labels: How many class names the file has.

    Raises:
        RunError: It was not.
    """
    for name, axes in outputs.items():
        if len(found[name]) != rows:
            raise RunError(f"{path}: must give an answer to each row, got {len(found[name])} to {rows}")
        got = (rows, *found[name][0].shape) if isinstance(found[name], list) else found[name].shape
        if len(got) != len(axes):
            raise RunError(f"{path}: must give {name} with the axes {_list(axes)}, got {len(got)} axes")
        for size, wanted in zip(got, axes, strict=True):
            if isinstance(wanted, int) and size != wanted:
                what = "a probability for each of {} labels" if wanted == labels else f"{name} of {{}} numbers"
                raise RunError(f"{path}: must give {what.format(wanted)}, got {size}")


def _typed(tensors: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in tensors.items())


def _list(names: Iterable[Any]) -> str:
    return ", ".join(str(name)[:40] for name in list(names)[:8]) or "none"
