"""Checkpoints: the weights of the best epoch, and everything an exact continuation needs of the last one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from kerasseq.arrays.npz import Npz
from kerasseq.errors import RunError
from kerasseq.files import atomic, guarded

__all__ = ["WITHOUT", "load_arrays", "read_checkpoint", "snapshot", "write_checkpoint"]

Arrays = list[np.ndarray[Any, Any]]

WITHOUT = "without the file, training begins anew"


def snapshot(variables: Sequence[Any]) -> Arrays:
    """Copies of the variables' values."""
    return [np.array(ops.convert_to_numpy(v.value)) for v in variables]


def load_arrays(variables: Sequence[Any], arrays: Sequence[Any]) -> None:
    """Assign `arrays` to `variables`.

    Raises:
        RunError: They do not belong together.
    """
    if [tuple(v.shape) for v in variables] != [tuple(a.shape) for a in arrays]:
        raise RunError("checkpoint: must hold the arrays of this model, got others; was the experiment changed?")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def write_checkpoint(path: Path, state: dict[str, Any], **groups: Sequence[Any]) -> None:
    """Write arrays by group and a JSON state to one `.npz`, atomically."""
    arrays = {f"{name}.{i:05d}": array for name, group in groups.items() for i, array in enumerate(group)}
    text = json.dumps(state)
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, state=np.frombuffer(text.encode(), dtype=np.uint8), **arrays)


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, Arrays]]:
    """Read what `write_checkpoint` wrote; no pickle is ever loaded.

    Raises:
        RunError: The file is missing or damaged.
    """
    with guarded(path, "a checkpoint", WITHOUT):
        groups: dict[str, Arrays] = {}
        with Npz(path) as file:
            state = json.loads(file.read("state").tobytes().decode())
            for key in sorted(name for name in file.names if name != "state"):
                groups.setdefault(key.partition(".")[0], []).append(file.read(key))
    if not isinstance(state, dict):
        raise RunError(f"{path}: must be a checkpoint, got a state that is no object; {WITHOUT}")
    return state, groups
