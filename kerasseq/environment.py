"""`environment.json`: what the numbers of a run depend on besides the experiment, and whether it is still the same."""

from __future__ import annotations

import hashlib
import json
import platform
import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.backend.select import current, device, threads, versions
from kerasseq.config.experiment import Experiment
from kerasseq.errors import RunError
from kerasseq.files import damage
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_continues", "check_data", "data_hash", "describe", "read_environment"]

FREE = ("training.epochs",)
"""What may differ when a run is continued."""


def describe(experiment: Experiment, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    """Versions, backend, device, threads, seed, hash of the data, distribution and version of every component."""
    return {
        "versions": {"python": platform.python_version(), **versions()},
        "platform": platform.platform(),
        "backend": current(),
        "device": device(),
        "threads": threads(),
        "seed": experiment.seed,
        "data": {side: {"rows": table.num_rows, "sha256": data_hash(table)} for side, table in tables.items()},
        "components": {
            key: {"name": component.qualified, "version": component.version}
            for key, component in experiment.components.items()
        },
    }


def data_hash(table: pa.Table) -> str:
    """SHA-256 of the texts and targets, row by row; files and line numbers do not count."""
    digest = hashlib.sha256()
    names = [name for name in ("text", "text_2", "target", "weight") if name in table.column_names]
    for row in zip(*(Column(table[name]) for name in names), strict=True):
        digest.update("".join(f"{name}\x1f{value}\x1e" for name, value in zip(names, row, strict=True)).encode())
    return digest.hexdigest()


def read_environment(directory: RunDirectory) -> dict[str, Any]:
    """What `describe` said when the run was made.

    Raises:
        RunError: The file is missing or damaged.
    """
    path = directory.environment
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found["backend"], found["data"]["train"]["sha256"], found["data"]["test"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise RunError(f"{path}: must be the environment.json of a run, got {damage(cause)}") from cause
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


def check_continues(directory: RunDirectory, experiment: Experiment, tables: Mapping[str, pa.Table]) -> None:
    """A run goes on exactly, or not at all: same settings but for the number of epochs, same backend, same data.

    Raises:
        RunError: Something differs.
    """
    backend = read_environment(directory)["backend"]
    if backend != current():
        raise RunError(f"{directory.path}: must go on with {backend}, got {current()}")
    try:
        before = dict(_settings(tomllib.loads(directory.experiment.read_text(encoding="utf-8"))))
    except (OSError, ValueError) as cause:
        raise RunError(f"{directory.experiment}: must be the experiment of the run, got {damage(cause)}") from cause
    after = dict(_settings(tomllib.loads(experiment.to_toml())))
    changed = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k) and k not in FREE)
    if changed:
        raise RunError(
            f"{directory.path}: must go on as it began, got another {changed[0]}; {FREE[0]} alone may change"
        )
    check_data(directory, tables)


def _settings(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """`training.epochs`, `preprocessor[0].name` and so on, with their values."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _settings(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield from _settings(inner, f"{path}[{number}]")
    else:
        yield path, value
