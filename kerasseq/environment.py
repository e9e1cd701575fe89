"""`environment.json`: what the numbers of a run depend on besides the experiment, and whether it is still the same."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.backend.select import current, device, floatx, threads, versions
from kerasseq.config.experiment import Experiment
from kerasseq.errors import RunError
from kerasseq.files import guarded
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_data", "data_hash", "describe", "read_environment"]

TEXT = ("text", "text_2", "target", "weight", "taught", "distribution", "deviation")
"""What counts of a row of texts."""

PLACES = ("source", "line", "split", "group")
"""What does not count of any other row."""


def describe(
    experiment: Experiment, tables: Mapping[str, pa.Table], sources: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Versions, backend, device, threads, seed, hash of the data, distribution and version of every component.

    With the type of numbers that Keras takes where nothing else is said, and `started_from`: the runs, `sources`, that
    weights were taken from.
    """
    return {
        "versions": {"python": platform.python_version(), **versions()},
        "platform": platform.platform(),
        "backend": current(),
        "device": device(),
        "threads": threads(),
        "floatx": floatx(),
        "seed": experiment.seed,
        "data": {side: {"rows": table.num_rows, "sha256": data_hash(table)} for side, table in tables.items()},
        "components": {
            key: {"name": component.qualified, "version": component.version}
            for key, component in experiment.components.items()
        },
        **({"started_from": sources} if sources else {}),
    }


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
