"""What a test says about a trained model."""

# N test rows

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from kerasseq.arrays.column import Column
from kerasseq.corpus.examples import Examples, taken
from kerasseq.datasets.problems import place
from kerasseq.errors import DataError
from kerasseq.evaluation.advice import advice
from kerasseq.metrics import Against, Score, against
from kerasseq.report.data import Advice
from kerasseq.report.markup import number
from kerasseq.run_directory import RunDirectory
from kerasseq.trained import Answer, TrainedModel
from kerasseq.training.history import History
from kerasseq.training.share import blend_of

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.samples import Samples
    from kerasseq.pipelines.pipeline import Counts
    from kerasseq.tasks.predictions import Predictions

    Scoring = Callable[[Predictions], list[Score]]

__all__ = ["Outcome", "Places", "measure"]

log = logging.getLogger("kerasseq")

BASELINE_ROWS = 100_000
"""Most training rows that the baselines learn from: pairs of words of more do not fit into memory."""


@dataclass(frozen=True, repr=False)
class Outcome:
    """A measured run.

    Attributes:
        directory: Where everything is.
        scores: Each with its interval.
        baselines: The same scores of what answers without a neural network, by name.
        parts: The same scores of what answers as a part of the model alone, by name.
        main: Name of the score to look at first.
        confidence: Coverage of the intervals.
        truth: `(N,)` targets, as the task encodes them.
        samples: The test rows as the dataset gave them.
        where: `file:line` of each row.
        answer: With the predictions, the attention weights and the counts of encoding.
        model: What answered; `model.predict` answers other rows.
        remarks: What else the report has to say about the measurement, by name.
        beside: Other columns of the rows, of strings, as their file has them; None where nobody asked for them.
        history: One dict per epoch in `history.rows`; None where other data than the run's own were measured.
    """

    directory: RunDirectory
    scores: list[Score]
    baselines: dict[str, list[Score]]
    main: str
    confidence: float
    truth: Any
    samples: Samples
    where: Sequence[str]
    answer: Answer
    model: TrainedModel
    parts: Mapping[str, list[Score]] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    history: History | None = None
    beside: pa.Table | None = None

    @property
    def predictions(self) -> Predictions:
        """Answers of the model."""
        return self.answer.predictions

    @cached_property
    def against(self) -> list[Against]:
        """Each score beside that of the best baseline, by the paired test."""
        return against(self.scores, self.baselines, self.main, self.confidence)

    @cached_property
    def advice(self) -> list[Advice]:
        """What to try next, with the command that does it."""
        if self.history is None:
            return []
        main = next((one for one in self.against if one.own.name == self.main), None)
        return advice(main, len(self.truth), self.model.experiment, self.history, self.directory.experiment)

    def __repr__(self) -> str:
        """`<Outcome runs/bilstm/0003: accuracy 0.912 of 174 rows>`."""
        values = {score.name: score.value for score in self.scores}
        return f"<Outcome {self.directory.path}: {self.main} {number(values.get(self.main))} of {len(self.truth)} rows>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the scores beside the baselines, and the curves of training."""
        from kerasseq.evaluation.notebook import outcome_html

        return outcome_html(self)


def measure(
    trained: TrainedModel,
    samples: Samples,
    examples: Examples,
    counts: Counts,
    where: Sequence[str],
    training: tuple[Samples, Any] | None,
    directory: RunDirectory,
) -> Outcome:
    """Answer rows and score the answers.

    Args:
        trained: The model.
        samples: The rows.
        examples: The same as numbers, with targets.
        counts: What encoding did.
        where: `file:line` of each row.
        training: Training rows and their encoded targets for the baselines; None for no baselines.
        directory: Where the outcome belongs.

    Raises:
        DataError: There are no rows.
    """
    if not len(examples):
        raise DataError("test: must have rows to measure on, got none; see [split]")
    task, settings, seed = trained.task, trained.experiment.evaluation, trained.experiment.seed
    truth = examples.targets
    answer = trained.answer_examples(examples, counts)

    def scores(predictions: Predictions) -> list[Score]:
        return task.scores(truth, predictions, settings.resamples, settings.confidence, seed)

    baselines, learned = _baselines(trained, training, samples, scores)
    parts, weighed = _network_alone(trained, examples, counts, scores)
    return Outcome(
        directory=directory,
        scores=scores(answer.predictions),
        baselines=baselines,
        parts=parts,
        main=task.main_score,
        confidence=settings.confidence,
        truth=truth,
        samples=samples,
        where=where,
        answer=answer,
        model=trained,
        remarks={**learned, **weighed},
    )


def _baselines(
    trained: TrainedModel, training: tuple[Samples, Any] | None, samples: Samples, scores: Scoring
) -> tuple[dict[str, list[Score]], dict[str, str]]:
    """The scores of the baselines, by name, and a remark where they learned from a part of the training rows."""
    task, settings, seed = trained.task, trained.experiment.evaluation, trained.experiment.seed
    if training is None or not settings.baselines:
        return {}, {}
    remarks = {}
    ordered = trained.experiment.task.target == "order"
    known, targets = _drawn(*training, None if ordered else seed)
    if len(known) < len(training[0]):
        manner = "the last ones" if ordered else "drawn at random"
        remarks["baselines"] = f"learned from {len(known):,} of {len(training[0]):,} training rows, {manner}"
        log.warning("baselines: %s", remarks["baselines"])
    found = task.baselines(known, targets, samples, seed)
    return {name: scores(predictions) for name, predictions in found.items()}, remarks


def _drawn(samples: Samples, targets: Any, seed: int | None) -> tuple[Samples, Any]:
    """The training rows that the baselines learn from: all, or a random part; without a seed the last, for rows that
    follow each other."""
    if len(samples) <= BASELINE_ROWS:
        return samples, targets
    if seed is None:
        rows = np.arange(len(samples) - BASELINE_ROWS, len(samples))
    else:
        rows = np.sort(np.random.default_rng(seed).choice(len(samples), BASELINE_ROWS, replace=False))
    return samples.take(rows), taken(targets, rows)


def _network_alone(
    trained: TrainedModel, examples: Examples, counts: Counts, scores: Scoring
) -> tuple[dict[str, list[Score]], dict[str, str]]:
    """The scores of the network without the wide branch, and a remark on their shares; nothing where there is none."""
    blend, branch = blend_of(trained.model), trained.task.pipeline.wide
    if blend is None or branch is None:
        return {}, {}
    factors = blend.factors
    said = f"{factors[0]:.3g} of the network and {factors[1]:.3g} of the {branch.noun}"
    with blend.alone():
        alone = scores(trained.answer_examples(examples, counts).predictions)
    return {"network_alone": alone}, {"answer": said}


class Places(Sequence[str]):
    """`file:line` of each row of a table of the data."""

    def __init__(self, table: pa.Table) -> None:
        self._columns = Column(table["source"]), Column(table["line"])

    def __len__(self) -> int:
        return len(self._columns[0])

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        source, line = (column[index] for column in self._columns)
        if isinstance(index, slice):
            return [place(s, n) for s, n in zip(source, line, strict=True)]
        return place(str(source), int(line))  # type: ignore[arg-type]
