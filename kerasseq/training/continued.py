"""Whether a training may go on where it was interrupted."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.config.experiment import Experiment
from kerasseq.config.flat import flat
from kerasseq.config.places import places, places_of_tokens
from kerasseq.config.read import read_experiment
from kerasseq.environment import changes, check_data, read_environment
from kerasseq.errors import RunError
from kerasseq.files import fingerprint, guarded
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_continues", "check_tokens"]

log = logging.getLogger("kerasseq")

FREE = "training.epochs"
"""What may differ when a run without folds is continued; who is told of it may always."""


def check_continues(
    directory: RunDirectory,
    experiment: Experiment,
    tables: Mapping[str, pa.Table],
    force: bool = False,
    workers: int = 1,
) -> list[str]:
    """A run goes on exactly, or not at all: same settings but for the number of epochs and where files are, same rows,
    same versions, backend, device, threads and workers.

    Args:
        directory: The run.
        experiment: What shall go on.
        tables: Its rows, by side.
        force: Versions, backend, device, threads and workers may be others; a warning says each.
        workers: How many share its updates.

    Returns:
        Which of these are others, now or at an earlier time: `"torch 2.8.0, then 2.9.0"`.

    Raises:
        RunError: Something differs.
    """
    before = read_environment(directory)
    changed = changes(before, workers)
    if changed and not force:
        hint = "--force, in Python force=True, goes on all the same, to other numbers than if it had not been stopped"
        lines = [f"{directory.path}: must go on with {_said(*each)}" for each in changed.items()]
        raise RunError("\n".join([*lines, f"{directory.path}: {hint}"]))
    for name, (was, now) in changed.items():
        log.warning("%s goes on with %s %s, it began with %s", directory.path, name, now, was)
    _check_settings(directory, experiment)
    check_data(directory, tables)
    return [*before.get("changed", []), *(f"{name} {was}, then {now}" for name, (was, now) in changed.items())]


def _said(name: str, values: tuple[str, str]) -> str:
    """`torch 2.8.0, got 2.9.0`; what is no version speaks for itself, and the number of threads can be chosen."""
    was, now = values
    hints = {"threads": f"; set OMP_NUM_THREADS={was}"}
    hints["workers"] = "; --engine ray has several" if was == "1" else f"; --engine ray --workers {was}"
    return f"{name} {was}, got {now}{hints.get(name, '')}"


def check_tokens(directory: RunDirectory, experiment: Experiment, vocabulary: Sequence[str]) -> None:
    """Where files of tokens or vectors lie elsewhere than when the run began, they must be the same, as far as the run
    knows, and give the tokens that it has.

    Args:
        directory: The run.
        experiment: What shall go on.
        vocabulary: Of its pipeline, as the files gave it.

    Raises:
        RunError: They are, or give, others.
    """
    paths = places_of_tokens(experiment)
    moved = sorted(paths.keys() & _moved(experiment, _differing(directory, experiment)))
    known = read_environment(directory).get("files", {})
    for key in moved:
        if key in known and fingerprint(paths[key]) != known[key]:
            raise RunError(f"{directory.path}: must go on with the file that it began with, got another: {paths[key]}")
    if moved and tuple(experiment.task.restore(experiment, directory.path).pipeline.vocabulary) != tuple(vocabulary):
        got = f"{moved[0]} names a file that gives others"
        raise RunError(f"{directory.path}: must go on with the tokens that it has, {got}")


def _check_settings(directory: RunDirectory, experiment: Experiment) -> None:
    differ = _differing(directory, experiment)
    free = "" if experiment.training.folds else FREE  # folds that are done have had their epochs
    other = differ.keys() - {free, "backend"} - _moved(experiment, differ)
    changed = sorted(key for key in other if not key.startswith("tracker"))
    if changed:
        hint = (
            f"{free} alone may change, and where files are"
            if free
            else "with folds nothing may change but where files are"
        )
        raise RunError(f"{directory.path}: must go on as it began, got another {changed[0]}; {hint}")


def _differing(directory: RunDirectory, experiment: Experiment) -> dict[str, Any]:
    """Key -> what the run has there, of what the experiment has otherwise; None where the run has nothing."""
    with guarded(directory.experiment, "the experiment of the run"):
        # A setting that is newer than the run is as it is by default
        begun = read_experiment(directory.experiment, backend=experiment.backend, finished=True, begun=True)
    before, after = (dict(flat(tomllib.loads(each.to_toml()))) for each in (begun, experiment))
    return {key: before.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _moved(experiment: Experiment, differ: Mapping[str, Any]) -> set[str]:
    """Of what differs, where files are: of the data, whose rows are compared, and of other files named before, too."""
    named = places(experiment)
    return {key for key in differ if key.startswith("dataset.") and key in named} | {
        key for key, before in differ.items() if before and named.get(key)
    }
