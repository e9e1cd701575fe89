"""Whether a training may go on where it was interrupted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerasseq.backend.select import current
from kerasseq.config.experiment import Experiment
from kerasseq.config.flat import flat
from kerasseq.environment import check_data, read_environment
from kerasseq.errors import RunError
from kerasseq.files import guarded
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_continues"]

FREE = "training.epochs"
"""What may differ when a run without folds is continued; who is told of it may always."""


def check_continues(directory: RunDirectory, experiment: Experiment, tables: Mapping[str, pa.Table]) -> None:
    """A run goes on exactly, or not at all: same settings but for the number of epochs, same backend, same data.

    Raises:
        RunError: Something differs.
    """
    backend = read_environment(directory)["backend"]
    if backend != current():
        raise RunError(f"{directory.path}: must go on with {backend}, got {current()}")
    with guarded(directory.experiment, "the experiment of the run"):
        before = dict(flat(tomllib.loads(directory.experiment.read_text(encoding="utf-8"))))
    after = dict(flat(tomllib.loads(experiment.to_toml())))
    free = "" if experiment.training.folds else FREE  # folds that are done have had their epochs
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} - {free}
    changed = sorted(key for key in differ if not key.startswith("tracker"))
    if changed:
        hint = f"{free} alone may change" if free else "with folds nothing may change"
        raise RunError(f"{directory.path}: must go on as it began, got another {changed[0]}; {hint}")
    check_data(directory, tables)
