"""What a test says about a trained model, and the files that say it."""

# N test rows

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from kerasseq.arrays.column import Column
from kerasseq.arrays.scratch import CHUNK
from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.corpus.text import Texts
from kerasseq.environment import read_environment
from kerasseq.errors import DataError
from kerasseq.files import atomic, csv_text, write_json
from kerasseq.metrics import Score, scores_as_json
from kerasseq.model import parameters
from kerasseq.report import AttentionSample, ReportData, write_card, write_report
from kerasseq.run_directory import RunDirectory
from kerasseq.tasks.task import Predictions
from kerasseq.trained import Answer, TrainedModel
from kerasseq.training.loop import History

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["Outcome", "measure", "write_outcome", "write_pages"]

log = logging.getLogger("kerasseq")

BASELINE_ROWS = 100_000
"""Most training rows that the baselines learn from: pairs of words of more do not fit into memory."""


@dataclass(frozen=True)
class Outcome:
    """A measured run.

    Attributes:
        directory: Where everything is.
        scores: Each with its interval.
        baselines: The same scores of what answers without a neural network, by name.
        main: Name of the score to look at first.
        confidence: Coverage of the intervals.
        truth: `(N,)` targets.
        predictions: Answers of the model.
        texts: The test texts as the dataset gave them.
        where: `file:line` of each row.
        answer: With the attention weights and the counts of encoding.
        remarks: What else the report has to say about the measurement, by name.
    """

    directory: RunDirectory
    scores: list[Score]
    baselines: dict[str, list[Score]]
    main: str
    confidence: float
    truth: NDArray[Any]
    predictions: Predictions
    texts: Texts
    where: Sequence[str]
    answer: Answer
    remarks: Mapping[str, str] = field(default_factory=dict)


def measure(
    trained: TrainedModel,
    texts: Texts,
    table: pa.Table,
    training: tuple[Texts, NDArray[Any]] | None,
    directory: RunDirectory,
) -> Outcome:
    """Answer the rows of `table` and score the answers.

    Args:
        trained: The model.
        texts: The texts of `table`.
        table: Rows with a target each.
        training: Training texts and their encoded targets for the baselines; None for no baselines.
        directory: Where the outcome belongs.

    Raises:
        DataError: There are no rows, or a target is wrong.
    """
    if not len(texts):
        raise DataError("test: must have rows to measure on, got none; see [split]")
    settings, seed = trained.experiment.evaluation, trained.experiment.seed
    truth = trained.task.encode(table)
    inputs, counts = trained.text.encode(texts)
    corpus = EncodedCorpus(inputs, truth, np.ones(len(truth), dtype=np.float32))
    answer = trained.answer_corpus(corpus, counts)

    def scores(predictions: Predictions) -> list[Score]:
        return trained.task.scores(truth, predictions, settings.resamples, settings.confidence, seed)

    baselines, remarks = {}, {}
    if training is not None and settings.baselines:
        known, targets = _drawn(*training, seed)
        if len(known) < len(training[0]):
            remarks["baselines"] = f"learned from {len(known):,} of {len(training[0]):,} training rows, drawn at random"
            log.warning("baselines: %s", remarks["baselines"])
        asked = trained.text.clean(texts).joined(" ")
        found = trained.task.baselines(trained.text.clean(known).joined(" "), targets, asked, seed)
        baselines = {name: scores(predictions) for name, predictions in found.items()}
    return Outcome(
        directory=directory,
        scores=scores(answer.predictions),
        baselines=baselines,
        main=trained.task.main_score,
        confidence=settings.confidence,
        truth=truth,
        predictions=answer.predictions,
        texts=texts,
        where=_Places(table),
        answer=answer,
        remarks=remarks,
    )


def _drawn(texts: Texts, targets: NDArray[Any], seed: int) -> tuple[Texts, NDArray[Any]]:
    """The training rows that the baselines learn from: all, or a random part."""
    if len(texts) <= BASELINE_ROWS:
        return texts, targets
    rows = np.sort(np.random.default_rng(seed).choice(len(texts), BASELINE_ROWS, replace=False))
    return texts.take(rows), targets[rows]


class _Places(Sequence[str]):
    """`file:line` of each row of a table."""

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
            return [f"{s}:{n}" for s, n in zip(source, line, strict=True)]
        return f"{source}:{line}"


def write_outcome(outcome: Outcome, trained: TrainedModel) -> None:
    """Write `metrics.json` and `predictions.csv`."""
    directory = outcome.directory
    metrics = {
        "main": outcome.main,
        "rows": len(outcome.truth),
        "confidence": outcome.confidence,
        "scores": scores_as_json(outcome.scores),
        "baselines": {name: scores_as_json(scores) for name, scores in outcome.baselines.items()},
    }
    write_json(directory.metrics, metrics)
    with atomic(directory.predictions) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_prediction_parts(outcome, trained))


def write_pages(
    outcome: Outcome, trained: TrainedModel, facts: Mapping[str, Any], history: History, created: str
) -> None:
    """Write `report.html` and `MODEL_CARD.md`."""
    data = _report_data(outcome, trained, {**facts, **outcome.remarks}, history, created)
    write_report(data, outcome.directory.report)
    write_card(data, outcome.directory.card)


def predictions_csv(outcome: Outcome, trained: TrainedModel) -> str:
    """Every test row: text, target, prediction and what stands behind it."""
    return "".join(_prediction_parts(outcome, trained))


def _prediction_parts(outcome: Outcome, trained: TrainedModel) -> Iterator[str]:
    """The same, some rows at a time."""
    for start in range(0, len(outcome.truth), CHUNK):
        rows = slice(start, start + CHUNK)
        columns: dict[str, list[Any]] = {"text": list(outcome.texts.first[rows])}
        if outcome.texts.second:
            columns["text_2"] = list(outcome.texts.second[rows])
        columns["target"] = trained.task.truth_column(outcome.truth[rows])
        answers = outcome.predictions
        columns |= trained.task.columns(Predictions(answers.answers[rows], answers.probabilities[rows]))
        yield csv_text([*([] if start else [list(columns)]), *zip(*columns.values(), strict=True)])


def _report_data(
    outcome: Outcome, trained: TrainedModel, facts: Mapping[str, Any], history: History, created: str
) -> ReportData:
    experiment, task = trained.experiment, trained.task
    limits = getattr(experiment.task, "range", ())
    return ReportData(
        name=experiment.name,
        task="classification" if task.labels else "regression",
        created=created,
        parameters=parameters(trained.model),
        seconds=sum(row["seconds"] for row in history.timing),
        settings=experiment.to_toml(),
        environment=read_environment(outcome.directory),
        dataset=facts,
        history=history.rows,
        scores=outcome.scores,
        baselines=outcome.baselines,
        truth=outcome.truth,
        prediction=outcome.predictions.answers,
        texts=outcome.texts.joined(),
        probabilities=outcome.predictions.probabilities if task.labels else None,
        labels=task.labels,
        where=outcome.where,
        attention=_attention(outcome, trained),
        range=(limits[0], limits[1]) if limits else (),
        main=outcome.main,
        best_epoch=history.best_epoch,
        confidence=outcome.confidence,
        language=_language(outcome.texts),
        imports=_imports(trained.model),
    )


def _attention(outcome: Outcome, trained: TrainedModel) -> list[AttentionSample]:
    """Some test texts, evenly spread over the rows, with the weights of their tokens."""
    weights = outcome.answer.attention
    count = min(trained.experiment.evaluation.examples, len(outcome.truth))
    if not weights or not count:
        return []
    rows = np.linspace(0, len(outcome.truth) - 1, count).astype(int)
    words = trained.words(outcome.texts.take(rows))
    truth = trained.task.truth_column(outcome.truth)
    answers = trained.task.columns(outcome.predictions)["prediction"]
    samples = []
    for index, row in enumerate(rows):
        for side, given in zip(words, weights, strict=True):
            if side[index]:
                values = tuple(float(w) for w in given[row])
                samples.append(
                    AttentionSample(side[index], values, str(truth[row]), str(answers[row]), trained.text.gap)
                )
    return samples


def _language(texts: Texts) -> str:
    """`"ar"` for texts in mostly Arabic letters, else nothing said."""
    sample = "".join(texts.first[:200])
    letters = [c for c in sample if c.isalpha()]
    arabic = sum("\u0600" <= c <= "\u06ff" for c in letters)
    return "ar" if arabic > len(letters) / 2 else ""


def _imports(model: Any) -> tuple[str, ...]:
    """Modules that hold a layer of the model and are not Keras's."""
    found = {type(layer).__module__.partition(".")[0] for layer in model._flatten_layers(include_self=False)}
    return tuple(sorted("kerasseq.layers" if name == "kerasseq" else name for name in found - {"keras"}))
