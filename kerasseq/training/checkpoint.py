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

__all__ = ["WITHOUT", "best_epoch", "check_state", "load_arrays", "read_checkpoint", "snapshot", "write_checkpoint"]

Arrays = list[np.ndarray[Any, Any]]

WITHOUT = "without the file, training begins anew"


def snapshot(variables: Sequence[Any]) -> Arrays:
    """Copies of the variables' values."""
    return [np.array(ops.convert_to_numpy(v.value)) for v in variables]


def load_arrays(variables: Sequence[Any], arrays: Sequence[Any], source: Path | str = "checkpoint") -> None:
    """Assign `arrays` to `variables`.

    Args:
        variables: Of a model or an optimizer.
        arrays: Their values, in the same order.
        source: Where they come from.

    Raises:
        RunError: They do not belong together, or a number is not finite: no update that leads there is ever done.
    """
    if any(a.dtype.kind == "f" and not np.isfinite(a).all() for a in map(np.asarray, arrays)):
        raise RunError(f"{source}: must hold finite numbers, got others; {WITHOUT}")
    if [tuple(v.shape) for v in variables] != [tuple(a.shape) for a in arrays]:
        raise RunError(f"{source}: must hold the arrays of this model, got others; was the experiment changed?")
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


def best_epoch(checkpoints: Path) -> int:
    """The epoch whose weights `best.npz` of a folder holds; 0 where there is none.

    It is written behind `last.npz`, which says which epoch is the best one: after a kill between the two it holds an
    earlier one, and the best weights are the last.
    """
    path = checkpoints / "best.npz"
    return int(read_checkpoint(path)[0]["epoch"]) if path.exists() else 0


def check_state(state: dict[str, Any], own: dict[str, Any]) -> None:
    """Raise unless a state that was read has the form of the one that would be written now.

    Raises:
        ValueError: It has another; training would stumble over it later, or end as if it were done.
    """
    for name in ("rows", "timing"):
        for row in state[name]:
            if any(not isinstance(value, int | float | None) for value in row.values()):
                raise ValueError(f"{name} that are no numbers")
    if wrong := _differs(state, own):
        raise ValueError(f"{wrong} of another kind")
    if state["sampler"]["epoch"] != len(state["rows"]) or state.get("sums", {}).get("updates", 0) < 0:
        raise ValueError("an epoch that is not the next one")


def _differs(found: Any, own: Any, where: str = "state") -> str:
    """The first value of JSON that is of another kind than ours; empty for none.

    A number may be none yet. What one of both lacks is not looked at, nor the members of lists.
    """
    if isinstance(own, dict) and isinstance(found, dict):
        both = (key for key in own if key in found)
        return next(filter(None, (_differs(found[key], own[key], f"{where}.{key}") for key in both)), "")
    kinds = {bool: (bool,), int: (int,), float: (int, float), type(None): (int, float)}.get(type(own), (type(own),))
    same = type(found) in kinds or (found is None and isinstance(own, float | None))
    return "" if same else where
