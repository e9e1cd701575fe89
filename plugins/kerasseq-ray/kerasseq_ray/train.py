"""`kerasseq run --engine ray` and `kerasseq train --engine ray`: one training, whose updates several workers share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from kerasseq.commands import run as here
from kerasseq.plugin import UsageError
from kerasseq_ray.options import address_option, sharing_option

if TYPE_CHECKING:
    from kerasseq.commands.run import Asked
    from kerasseq.training.loop import Progress

__all__ = ["check", "run", "train"]

SHARED = """

The updates are shared by --workers, of one CPU each, on the machines of a cluster: this command is the first of them
and alone measures and writes. training.batch_size counts the rows of all; the numbers are those of one worker, but for
what dropout draws. Every worker reads the data under the same names. A worker that dies is replaced, and training goes
on behind the last whole epoch; with --resume it does so later.
"""


def check(experiment: Any, workers: int) -> None:
    """Refuse what several workers cannot share.

    Raises:
        UsageError: Everything that is in the way, with its reason.
    """
    training, said = experiment.training, []
    if experiment.backend not in ("torch", "jax"):
        said.append(f"backend: must be torch or jax to be shared, got {experiment.backend}")
    if training.batch_size < workers:
        rule = f"training.batch_size: must be at least the number of workers, got {training.batch_size} for {workers}"
        said.append(f"{rule}; it counts the rows of all")
    if training.folds:
        hint = "kerasseq tune CONFIG --engine ray trains several at a time"
        said.append(f"training.folds: must be 0, got {training.folds}: each fold is a training of its own; {hint}")
    if training.lazy_embeddings:
        said.append("training.lazy_embeddings: must be false, for what is summed has a number for every row of a table")
    if getattr(experiment.encoder, "normalisation", "") == "batch":
        rule = 'encoder.normalisation: must not be "batch", for a worker has the statistics of its own rows alone'
        said.append(f'{rule}; "layer" has none')
    if said:
        raise UsageError("\n".join(said))


def _shared(asked: Asked, progress: Progress, workers: int, address: str, measure: bool) -> Any:
    """Train by several workers; the outcome, or the run where nothing is measured."""
    from kerasseq.experiment import build, measured
    from kerasseq.plugin import RunDirectory, count, say
    from kerasseq.preparation import measurable
    from kerasseq.tracking import tracking
    from kerasseq_ray.cluster import Seen, check_nodes, joined
    from kerasseq_ray.crew import places
    from kerasseq_ray.sharing import Sharing, workers_of

    experiment = asked.experiment
    workers = workers or workers_of(asked.directory)
    check(experiment, workers)
    trained, prepared = build(experiment, asked.directory)
    prepared = measurable(prepared, experiment) if measure else prepared
    with joined(address, workers):
        machines, workers = check_nodes(Seen("", 0, "")), workers or places()
        check(experiment, workers)
        say(f"ray, {count(machines, 'machine')}; {count(workers, 'worker')}")
        directory = asked.directory or RunDirectory.create(asked.root, experiment.name)
        with tracking(experiment, directory, measure) as tracked:
            sharing = Sharing(directory, progress, tracked, workers, asked.force)
            trained, history = sharing.train(trained, prepared, asked.directory is not None)
            return measured(trained, prepared, history, directory) if measure else directory


def _verb(local: click.Command, by: Callable[..., None], measure: bool) -> click.Command:
    @click.pass_context
    def verb(ctx: click.Context, /, address: str, workers: int | None, **given: Any) -> None:
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # a worker has one CPU, and the first is one of them
        by(ctx, functools.partial(_shared, workers=workers or 0, address=address, measure=measure), **given)

    shown = click.Command(local.name, callback=verb, params=[*local.params], help=f"{local.help}{SHARED}")
    return address_option(sharing_option(shown))


run = _verb(here.run, here.ran, measure=True)
train = _verb(here.train, here.trained, measure=False)
