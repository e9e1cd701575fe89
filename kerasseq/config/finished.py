"""The experiment of a run that was made, once every distribution that it was made with is here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata

from kerasseq.config.experiment import Experiment
from kerasseq.config.read import read_experiment
from kerasseq.errors import ConfigError, PluginError
from kerasseq.given import TableLike
from kerasseq.registry.components import FIRST_PARTY
from kerasseq.run_directory import RunDirectory

__all__ = ["read_run"]

GONE = "must be a file, got"
"""How a dataset says that there is no file."""


def read_run(
    run: RunDirectory,
    backend: str = "",
    overrides: Sequence[str] = (),
    data_gone: bool = True,
    tables: Mapping[str, TableLike] | None = None,
) -> Experiment:
    """Read `experiment.toml`.

    Args:
        run: A run directory.
        backend: Weighs more than everything in the file and the environment.
        overrides: See `read_experiment`.
        data_gone: The run's data may be gone, so do not look for it.
        tables: See `read_experiment`.

    Raises:
        PluginError: A distribution that the run was made with is not installed, or an older version of it; says what
            to install.
        ConfigError: The file has a problem.
    """
    absent = list(_absent(run))
    if absent:
        raise PluginError("\n".join(f"{run.path}: {message}" for message in absent))
    try:
        return read_experiment(run.experiment, overrides, backend, data_gone, tables, begun=True)
    except ConfigError as error:
        if GONE in str(error):
            error.add_note("data that has moved is named by its new place: --set dataset.train=/ITS/PATH")
        raise


def _absent(run: RunDirectory) -> Iterator[str]:
    """One message for each distribution in environment.json that is missing or too old."""
    try:
        components = json.loads(run.environment.read_text(encoding="utf-8"))["components"]
        made = {
            part["name"].rpartition("/")[0]: (key, part["name"], part["version"])
            for key, part in components.items()
            if not key.startswith("tracker")  # the model needs none
        }
    except Exception:
        return  # a damaged file is for those to report who need what is in it
    for distribution, (key, name, version) in sorted(made.items()):
        what = f'{key} "{name}"'
        try:
            here = metadata.version(distribution)
        except (metadata.PackageNotFoundError, ValueError):
            yield f"needs {distribution} {version}, for {what}, got none; {_get(distribution)}"
            continue
        if _older(here, version):
            yield f"needs {distribution} {version} or newer, for {what}, got {here}; {_get(distribution)}"


def _get(distribution: str) -> str:
    """How to get it. No command names a distribution that a file asks for: anybody may own that name on an index."""
    if distribution in FIRST_PARTY:
        return f"pip install ./plugins/{distribution}, in the repository of kerasseq"
    return "install it from where it came"


def _older(here: str, made: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(here) < Version(made)
    except (InvalidVersion, TypeError):
        return False
