"""`environment.json`: what the numbers of a run depend on besides the experiment, and whether it is still the same."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.backend.select import current, device, floatx, threads, versions
from kerasseq.config.experiment import Experiment
from kerasseq.config.places import places_of_tokens
from kerasseq.errors import RunError
from kerasseq.files import fingerprint, guarded
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["changes", "check_data", "data_hash", "describe", "read_environment"]

COUNT = ("kerasseq", "keras", "torch", "jax", "tensorflow", "numpy", "numba")
"""Versions that the numbers of a training depend on; what reads its data, the hash of the data covers."""

TEXT = ("text", "text_2", "target", "weight", "taught", "distribution", "deviation")
"""What counts of a row of texts."""

PLACES = ("source", "line", "split", "group")
"""What does not count of any other row."""


def describe(
    experiment: Experiment,
    tables: Mapping[str, pa.Table],
    sources: Mapping[str, Any] | None = None,
    changed: Sequence[str] = (),
    workers: int = 1,
) -> dict[str, Any]:
    """Versions, backend, device, threads, seed, hash of the data, distribution and version of every component.

    With the type of numbers that Keras takes where nothing else is said; `started_from`: the runs, `sources`, that
    weights were taken from; `files`: how files of tokens and vectors are told from others; `changed`: what was another
    one when the training began, where it was told to go on; `workers`: how many share its updates, where they are
    several.
    """
    return {
        **_machine(),
        "seed": experiment.seed,
        "data": {side: {"rows": table.num_rows, "sha256": data_hash(table)} for side, table in tables.items()},
        "components": {
            key: {"name": component.qualified, "version": component.version}
            for key, component in experiment.components.items()
        },
        **({"started_from": sources} if sources else {}),
        **({"files": files} if (files := _files(experiment)) else {}),
        **({"changed": list(changed)} if changed else {}),
        **({"workers": workers} if workers > 1 else {}),
    }


def _files(experiment: Experiment) -> dict[str, str]:
    """Key -> `fingerprint`, of the files that tokens and vectors come from."""
    named = places_of_tokens(experiment).items()
    return {key: fingerprint(path) for key, path in named if isinstance(path, str) and os.path.isfile(path)}


def _machine() -> dict[str, Any]:
    return {
        "versions": {"python": platform.python_version(), **versions()},
        "platform": platform.platform(),
        "backend": current(),
        "device": device(),
        "threads": threads(),
        "floatx": floatx(),
    }


def changes(before: Mapping[str, Any], workers: int = 1) -> dict[str, tuple[str, str]]:
    """What the numbers of a training depend on and is not here as it was: by name, as it was and as it is.

    Args:
        before: What `describe` said; nothing is compared with what it does not say.
        workers: How many share the updates now.
    """
    was, now = (dict(_counting(said)) for said in (before, {**_machine(), "workers": workers}))
    return {name: (was[name], now[name]) for name in was if name in now and was[name] != now[name]}


def _counting(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((name, str(said[name])) for name in ("backend", "device", "threads", "floatx") if name in said)
    yield "workers", str(said.get("workers", 1))
    versions = said.get("versions", {})
    yield from ((name, str(versions[name])) for name in COUNT if name in versions)


def data_hash(table: pa.Table) -> str:
    """SHA-256 of what a row holds, row by row; files, line numbers and sides do not count."""
    digest = hashlib.sha256()
    names = [name for name in TEXT if name in table.column_names]
    if "text" not in names:
        names = [name for name in table.column_names if name not in PLACES]
    for row in zip(*(Column(table[name]) for name in names), strict=True):
        digest.update("".join(f"{name}\x1f{value}\x1e" for name, value in zip(names, row, strict=True)).encode())
    return digest.hexdigest()


def read_environment(directory: RunDirectory) -> dict[str, Any]:
    """What `describe` said when the run was made.

    Raises:
        RunError: The file is missing or damaged.
    """
    path = directory.environment
    with guarded(path, "the environment.json of a run"):
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found["backend"], found["data"]["train"]["sha256"], found["data"]["test"]["sha256"]
        dict(found.get("versions", {})), list(found.get("changed", []))
        return found


def check_data(directory: RunDirectory, tables: Mapping[str, pa.Table]) -> None:
    """The rows of each side must be those of the run.

    Raises:
        RunError: A side has other rows, or other texts or targets in them.
    """
    before = read_environment(directory)["data"]
    for side, table in tables.items():
        if data_hash(table) != before.get(side, {}).get("sha256"):
            rule = f"{directory.path}: {side} must have the rows that the run had, the data or its split has changed"
            raise RunError(
                f"{rule}; train anew, or measure a file with: kerasseq evaluate {directory.path} --data FILE"
            )
