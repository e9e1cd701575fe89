"""A run that goes on without the files that its tokens and vectors came from: it holds both."""

# V vocabulary

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kerasseq.config.experiment import Experiment
from kerasseq.config.finished import said_by
from kerasseq.config.places import places_of_tokens
from kerasseq.errors import RunError
from kerasseq.run_directory import RunDirectory
from kerasseq.training.checkpoint import read_checkpoint

__all__ = ["fits", "gone", "without_files"]

Shapes = list[tuple[int, ...]]


def gone(experiment: Experiment) -> dict[str, str]:
    """Key -> path, of the files of tokens and vectors that are not there; weights of another run are kept anyway."""
    return {
        key: path
        for key, path in places_of_tokens(experiment).items()
        if path and not key.endswith((".from", ".from_backward")) and not Path(path).exists()
    }


def without_files(
    experiment: Experiment, run: RunDirectory, absent: Mapping[str, str], vocabulary: int
) -> Iterator[Experiment]:
    """Yield the experiment with an embedding that reads no file, for each width that its vectors may have; one `fits`.

    Args:
        experiment: That of the run.
        run: It has begun.
        absent: See `gone`.
        vocabulary: V.

    Raises:
        RunError: A file is needed: no epoch has ended, networks of folds are still to begin, or the embedding of a
            plugin cannot do without.
    """
    shapes = _shapes(run)
    if not shapes:
        raise _needed(run, absent, "no epoch has ended")
    if experiment.training.folds:
        raise _needed(run, absent, "the network of each fold begins with it")
    embedding = experiment.embedding
    if embedding is None:
        yield experiment
        return
    widths = dict.fromkeys(shape[1] for shape in shapes if len(shape) == 2 and shape[0] == vocabulary)
    for each in itertools.product(widths, repeat=embedding.file_widths):
        spec = embedding.without_files(each)
        if spec is NotImplemented:
            raise _needed(run, absent, f"{experiment.describe('embedding')} reads it whenever training goes on")
        yield replace(experiment, embedding=spec)


def fits(model: Any, run: RunDirectory) -> bool:
    """Whether the weights of the last checkpoint have a place in the model."""
    return [tuple(variable.shape) for variable in model.variables] == _shapes(run)


def _shapes(run: RunDirectory) -> Shapes:
    """Of the weights in the last checkpoint; none where there is none."""
    paths = [run.checkpoints / name for name in ("last.npz", "within.npz")]
    path = next((path for path in paths if path.exists()), None)
    return [] if path is None else [tuple(array.shape) for array in read_checkpoint(path)[1].get("model", [])]


def _needed(run: RunDirectory, absent: Mapping[str, str], why: str) -> RunError:
    lines = [f"{run.path}: {key}: must be there, got {path}; {why}" for key, path in absent.items()]
    lines.append(f"{run.path}: what has moved is named by its new place: {said_by(absent)}")
    return RunError("\n".join(lines))
