"""The experiment of a run that was made, once every distribution that it was made with is here."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from kerasseq.config.experiment import COMPONENTS, Experiment
from kerasseq.config.flat import flat
from kerasseq.config.overrides import path_of
from kerasseq.config.places import places
from kerasseq.config.read import read_experiment
from kerasseq.errors import ConfigError, PluginError, UsageError
from kerasseq.given import TableLike
from kerasseq.registry.components import FIRST_PARTY
from kerasseq.run_directory import RunDirectory

__all__ = ["read_moved", "read_run", "said_by"]


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
        data_gone: The run's data may be gone, so do not look for it. No other file that the experiment names is looked
            for in any case: a run holds what it has of them.
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
        if gone := _gone(run, error):
            error.add_note(f"data that has moved is named by its new place: {gone}")
        raise


def read_moved(
    run: RunDirectory, backend: str = "", overrides: Sequence[str] = (), tables: Mapping[str, TableLike] | None = None
) -> Experiment:
    """Read `experiment.toml` and look for the run's data, where `overrides` say nothing but where files are by now.

    Raises:
        UsageError: They say something else.
        PluginError: See `read_run`.
        ConfigError: The file has a problem, or there is no data where it says.
    """
    for override in overrides:
        if _section(override) not in COMPONENTS:
            raise _other(override)
    experiment = read_run(run, backend, overrides, False, tables)
    known = places(experiment)
    for override in overrides:
        key = path_of([part.strip() for part in override.partition("=")[0].split(".")])
        if _section(override) != "dataset" and not any(key == place or key.startswith(f"{place}[") for place in known):
            raise _other(override)
    return experiment


def said_by(places: Mapping[str, Any]) -> str:
    """How the command line says where files are: `--set dataset.train=/ITS/PATH`.

    Args:
        places: Key -> the path that is gone, or paths.
    """
    return " ".join(
        f"--set '{key}={json.dumps(['/ITS/PATH'] * len(value))}'"
        if isinstance(value, list | tuple)
        else f"--set {key}=/ITS/PATH"
        for key, value in places.items()
    )


def _section(override: str) -> str:
    return override.partition("=")[0].split(".")[0].strip()


def _other(override: str) -> UsageError:
    return UsageError(f"--set: says where the run's own data has moved, dataset.train=PATH, got {override}")


def _gone(run: RunDirectory, error: ConfigError) -> str:
    """What to say in place of the paths that a problem is of, where nothing is there."""
    try:
        said = dict(flat(tomllib.loads(run.experiment.read_text(encoding="utf-8"))))
    except (OSError, ValueError, RecursionError):
        return ""
    problems = {problem.key: said.get(problem.key, "") for problem in error.problems}
    return said_by({key: value for key, value in problems.items() if _is_gone(value)})


def _is_gone(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_gone, value))
    try:
        return isinstance(value, str) and Path(value).is_absolute() and not Path(value).exists()
    except OSError:  # too long a name
        return False


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
