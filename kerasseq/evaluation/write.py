"""The files that say what a test said: scores, answers row by row, the page and the card."""

# N test rows

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
from kerasseq_runtime.occlusion import MOST

from kerasseq.arrays.column import Column
from kerasseq.arrays.scratch import CHUNK
from kerasseq.corpus.examples import taken
from kerasseq.corpus.text import Texts
from kerasseq.environment import read_environment
from kerasseq.evaluation.measure import Outcome
from kerasseq.files import atomic, cell, csv_text, write_json
from kerasseq.metrics import scores_as_json
from kerasseq.metrics.against import against_as_json
from kerasseq.model import parameters
from kerasseq.report import AttentionSample, ReportData, write_card, write_report
from kerasseq.report.heavy import SHOWN, heavy_table
from kerasseq.report.markup import Html
from kerasseq.tasks.task import Task, Tested
from kerasseq.trained import TrainedModel
from kerasseq.training.history import History
from kerasseq.training.share import blend_of

if TYPE_CHECKING:
    import pyarrow as pa
    from kerasseq_runtime.explanation import WeighedWord
    from numpy.typing import NDArray

__all__ = ["metrics_of", "predictions_csv", "write_outcome", "write_pages"]


HEAVY = 12
"""Heaviest n-grams of each answer on the page."""

READ, WORK = 200_000, 20_000_000_000
"""Steps that the model reads, and products that it makes, to weigh the words of the page's worst rows, at most: less
than a second."""


ROLES = ("text", "text_2", "target")
"""Columns by which `compare` finds texts and targets in `predictions.csv`; no other column is called so."""


def write_outcome(outcome: Outcome, trained: TrainedModel) -> None:
    """Write `metrics.json` and `predictions.csv`."""
    directory = outcome.directory
    write_json(directory.metrics, metrics_of(outcome))
    with atomic(directory.predictions) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_prediction_parts(outcome, trained))


def metrics_of(outcome: Outcome) -> dict[str, Any]:
    """What `metrics.json` holds."""
    metrics: dict[str, Any] = {
        "main": outcome.main,
        "rows": len(outcome.truth),
        "confidence": outcome.confidence,
        "scores": scores_as_json(outcome.scores),
        "baselines": {name: scores_as_json(scores) for name, scores in outcome.baselines.items()},
        "against": against_as_json(outcome.against),
    }
    if outcome.parts:
        metrics["parts"] = {name: scores_as_json(scores) for name, scores in outcome.parts.items()}
    return metrics


def write_pages(
    outcome: Outcome, trained: TrainedModel, facts: Mapping[str, Any], history: History, created: str
) -> None:
    """Write `report.html` and `MODEL_CARD.md`."""
    data = _report_data(outcome, trained, {**facts, **outcome.remarks}, history, created)
    write_report(data, outcome.directory.report)
    write_card(data, outcome.directory.card)


def predictions_csv(outcome: Outcome, trained: TrainedModel) -> str:
    """Every test row: text, target, prediction, what stands behind it, its `place`, `file:line`, and its other columns.

    The file's name alone: its path would change with the working directory. A column of the file that is called as
    one of ours stands as `data.NAME`.
    """
    return "".join(_prediction_parts(outcome, trained))


def _prediction_parts(outcome: Outcome, trained: TrainedModel) -> Iterator[str]:
    """The same, some rows at a time."""
    for start in range(0, len(outcome.truth), CHUNK):
        rows = slice(start, start + CHUNK)
        columns = outcome.samples.columns(rows)
        columns["target"] = trained.task.truth_column(taken(outcome.truth, rows))
        columns |= trained.task.columns(outcome.predictions.take(rows))
        columns["place"] = [PurePath(place).name for place in outcome.where[rows]]
        columns |= _beside(outcome.beside, rows, columns)
        lines = zip(*(map(cell, column) for column in columns.values()), strict=True)
        yield csv_text([*([] if start else [list(columns)]), *lines])


def _beside(table: pa.Table | None, rows: slice, ours: Collection[str]) -> dict[str, list[Any]]:
    """The other columns of some rows, under names that are not ours."""
    taken = {*ours, *ROLES}
    found: dict[str, list[Any]] = {}
    if table is None:
        return found
    for name in table.column_names:
        free = name
        while free in taken:
            free = f"data.{free}"
        taken.add(free)
        found[free] = Column(table[name])[rows]
    return found


def _report_data(
    outcome: Outcome, trained: TrainedModel, facts: Mapping[str, Any], history: History, created: str
) -> ReportData:
    experiment, task = trained.experiment, trained.task
    language = task.pipeline.language(outcome.samples)
    blend = blend_of(trained.model)
    tested = Tested(
        outcome.samples,
        outcome.truth,
        outcome.predictions,
        outcome.scores,
        outcome.where,
        language,
        blend.factors[1] if blend is not None else 0.0,
        trained.model,
        _occluded(outcome, trained),
    )
    return ReportData(
        name=experiment.name,
        kind=task.kind,
        use=task.use(),
        created=created,
        parameters=parameters(trained.model),
        seconds=sum(row["seconds"] for row in history.timing),
        settings=experiment.to_toml(),
        environment=read_environment(outcome.directory),
        dataset=facts,
        history=history.rows,
        scores=outcome.scores,
        baselines=outcome.baselines,
        parts=outcome.parts,
        against=outcome.against,
        advice=outcome.advice,
        rows=len(outcome.truth),
        sections=[*task.sections(tested), *_heavy(task, language)],
        attention=_attention(outcome, trained),
        main=outcome.main,
        best_epoch=history.best_epoch,
        confidence=outcome.confidence,
        language=language,
        imports=_imports(trained.model),
        example=task.pipeline.example,
        hub_task=task.hub_task,
    )


def _heavy(task: Task, language: str) -> list[tuple[str, Html]]:
    """What weighs most in the linear branch."""
    branch = task.pipeline.wide
    found = branch.heaviest(HEAVY) if branch is not None else []
    if branch is None or not found:
        return []
    title = f"{branch.noun[0].upper()}{branch.noun[1:]}: what weighs most"
    return [(title, heavy_table(found, task.answer_names, language))]


def _occluded(
    outcome: Outcome, trained: TrainedModel
) -> Callable[[Sequence[int]], list[tuple[tuple[WeighedWord, ...], int]]] | None:
    """Of test rows their words, weighed by occlusion, and how many were not; of the first ones alone, or of none, where
    that would take long."""
    if not isinstance(outcome.samples, Texts):
        return None
    room = min(READ, WORK // max(_products(trained.model), 1))

    def occluded(rows: Sequence[int]) -> list[tuple[tuple[WeighedWord, ...], int]]:
        samples = outcome.samples.take(rows)
        steps = trained.task.examples(trained.task.pipeline.encode(samples)[0]).lengths
        words = np.array([len(samples.shown(row).split()) for row in range(len(rows))])
        for count in range(len(rows), 0, -1):
            most = _most(words[:count], steps[:count], room)
            if most:
                found = trained.explained(samples.take(range(count)), SHOWN, "occlusion", most)[0]
                return [(each.words, each.left_out) for each in found]
        return []

    return occluded


def _most(words: NDArray[np.int64], steps: NDArray[np.int64], room: int) -> int:
    """Words of a text that can be weighed while the model reads no more than `room` steps; 0 where too few."""
    for most in range(MOST, SHOWN - 1, -1):
        by_stretches = np.minimum(np.sqrt(words) + 2, most) + most + 2
        if (np.where(words > most, by_stretches, words + 1) * steps).sum() <= room:
            return most
    return 0


def _products(model: Any) -> int:
    """Weights that are multiplied at a step, frozen ones too: all but vectors, which are looked up."""
    import keras

    layers = model._flatten_layers(include_self=False)
    vectors = [layer for layer in layers if isinstance(layer, keras.layers.Embedding)]
    return sum(int(np.prod(v.shape)) for v in model.weights) - sum(
        int(np.prod(v.shape)) for layer in vectors for v in layer.weights
    )


def _attention(outcome: Outcome, trained: TrainedModel) -> list[AttentionSample]:
    """Some test rows, evenly spread, with the weights of their steps."""
    weights = outcome.answer.attention
    count = min(trained.experiment.evaluation.examples, len(outcome.truth))
    if not weights or not count:
        return []
    rows = np.linspace(0, len(outcome.truth) - 1, count).astype(int)
    asked = outcome.samples.take(rows)
    words, explained = trained.words(asked), trained.explained(asked, SHOWN)[0]
    samples = []
    for index, row in enumerate(map(int, rows)):
        one = slice(row, row + 1)
        [truth] = trained.task.truth_column(taken(outcome.truth, one))
        [answer] = trained.task.columns(outcome.predictions.take(one))["prediction"]
        linear = explained[index].linear
        moved = linear.weighed if linear is not None and linear.factor else ()
        for column, given in zip(words, weights, strict=True):
            if column[index]:
                values = tuple(float(w) for w in given[row])
                gap = trained.task.pipeline.gap
                samples.append(AttentionSample(column[index], values, str(truth), str(answer), gap, moved))
    return samples


def _imports(model: Any) -> tuple[str, ...]:
    """Modules that hold a layer of the model and are not Keras's."""
    found = {type(layer).__module__.partition(".")[0] for layer in model._flatten_layers(include_self=False)}
    return tuple(sorted("kerasseq.layers" if name == "kerasseq" else name for name in found - {"keras"}))
