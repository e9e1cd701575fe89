"""Whether a training may go on where it was interrupted."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kerasseq.backend.select import current
from kerasseq.config.experiment import Experiment
from kerasseq.environment import check_data, read_environment
from kerasseq.errors import RunError
from kerasseq.files import damage
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_continues"]

FREE = "training.epochs"
"""What may differ when a run without folds is continued."""


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
    free = "" if experiment.training.folds else FREE  # folds that are done have had their epochs
    changed = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k) and k != free)
    if changed:
        hint = f"{free} alone may change" if free else "with folds nothing may change"
        raise RunError(f"{directory.path}: must go on as it began, got another {changed[0]}; {hint}")
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
