"""What to try after a measurement, from what it says and from what the experiment has not."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from kerasseq.config.experiment import Experiment
from kerasseq.given import MEMORY
from kerasseq.metrics.against import Against
from kerasseq.report.data import Advice
from kerasseq.training.history import History

__all__ = ["advice"]

MOST = 3
"""Points on a page; the first ones weigh most."""

LINEAR = ("ngrams", "overlap")
"""Baselines that are what a `[wide]` of that name is."""


def advice(found: Against | None, rows: int, experiment: Experiment, history: History, toml: Path) -> list[Advice]:
    """What to try next: of a model that beats its baseline another seed, of any other what it lacks.

    Args:
        found: The main score beside the best baseline; None without one.
        rows: Number of test rows.
        experiment: What was trained.
        history: Of its training.
        toml: The run's `experiment.toml`, which the commands name.

    Returns:
        At most three; none for data in memory, which no command can read again.
    """
    if found is None or f'"{MEMORY}' in experiment.to_toml():
        return []
    task, file = experiment.task, shlex.quote(str(toml))
    if found.outcome == "better":
        return [Advice("how far other seeds move the scores", f"kerasseq compare {file} --seeds 3")]
    points = [
        Advice(why, f"kerasseq run {file} {' '.join(f'--set {shlex.quote(s)}' for s in settings)}")
        for why, *settings in _lacks(found, experiment, history)
    ]
    apart = found.apart
    pooled = task.target in ("class", "number")  # what compare --folds takes
    if found.outcome == "undecided" and pooled and apart.low is not None and apart.high is not None:
        shows = f"{(apart.high - apart.low) / 2:.2g}"
        why = f"{rows:,} test rows show no difference under {shows}; measure on every row"
        points.insert(1, Advice(why, f"kerasseq compare {file} --seeds 1 --folds 5"))
    return points[:MOST]


def _lacks(found: Against, experiment: Experiment, history: History) -> Iterator[tuple[str, ...]]:
    """Reasons, each with the settings that it asks for."""
    task, dataset, embedding = experiment.task, experiment.dataset, experiment.embedding
    needs, forbids = task.sections(dataset)
    settings = experiment.training
    if found.baseline in LINEAR and experiment.wide is None and "wide" in task.takes - forbids:
        yield "let the linear model answer too, as far as it helps", f"wide.name={found.baseline}"
    if experiment.wide is not None and found.baseline == experiment.wide.name and found.outcome == "worse":
        yield "the linear model alone", "wide.share=0"
    if history.best_epoch and history.best_epoch == settings.epochs:
        yield "the last epoch was the best, so train longer", f"training.epochs={2 * settings.epochs}"
    if found.baseline == "kneser_ney":
        if not experiment.training.averaging:
            yield "an average of the weights, which language models gain from", "training.averaging=0.998"
        units = getattr(experiment.encoder, "units", 0)
        if units:
            yield "a larger state, and more dropout", f"encoder.units={2 * units}", "task.dropout=0.5"
    elif embedding is not None and embedding.name == "learned" and "embedding" in needs:
        yield (
            "vectors of words that were learned from much text (GloVe, fastText)",
            'embedding={name="pretrained", path="FILE"}',
        )
    if experiment.wide is not None and found.baseline == experiment.wide.name and found.outcome == "undecided":
        yield "the linear model alone, which is as good here as far as these rows can tell", "wide.share=0"
