"""The built regression task."""

# N rows, B batch, F features

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from kerasseq.arrays.numbers import as_number, number_fault
from kerasseq.corpus.targets import numbers
from kerasseq.layers.range_squash import RangeSquash
from kerasseq.metrics import Measure, Score, regression_baselines, regression_measure, regression_scores
from kerasseq.metrics.vector_baselines import vector_regression_baselines
from kerasseq.model import Parts, assemble, read_rows, shared
from kerasseq.report.heavy import occluded_cell, weighed_cell
from kerasseq.report.markup import Html, number, tag
from kerasseq.report.mistakes import Mistakes, length_table, worst_table
from kerasseq.report.pictures import residuals, scatter
from kerasseq.runtime.columns import AnswerColumn, decimals_of
from kerasseq.tasks.losses import distance
from kerasseq.tasks.predictions import Predictions
from kerasseq.tasks.task import ATTENTION, Output, Task, Tested, target_error
from kerasseq.wide.blend import blended_numbers
from kerasseq.wide.branch import Sought

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.samples import Samples
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.tasks.regression import Regression

__all__ = ["Regressor", "ScorePredictions"]


@dataclass(frozen=True)
class ScorePredictions(Predictions):
    """Scores.

    Attributes:
        answers: `(N,)`, in the unit of the data.
        units: What a difference of `score` is measured by.
    """

    answers: NDArray[np.float64]
    units: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.answers)

    def take(self, rows: Any) -> ScorePredictions:
        """Those at `rows`."""
        return ScorePredictions(self.answers[rows], self.units)

    def arrays(self) -> dict[str, Any]:
        """`score` `(N,)`."""
        return {"score": self.answers}

    def shown(self, row: int) -> str:
        """The score."""
        return f"{self.answers[row]:.6g}"


class Regressor(Task):
    """One number per text.

    The model's output `score` is `(B,)` in the unit of the data: un-scaling, or squashing into the range, is inside the
    model. Only the loss is in the standardised unit.
    """

    name = "regression"
    # In the unit of the data, and defined for any rows: a correlation would not see answers that are all too high, and
    # has no value while a model answers its mean; R² and RMSE only order the epochs as the squared loss does, by a few
    # large errors.
    main_score = "mae"
    baseline_sides = ("train", "validation")

    def __init__(self, spec: Regression, pipeline: Pipeline, mean: float, deviation: float) -> None:
        self.spec = spec
        self.pipeline = pipeline
        self.mean = mean
        self.deviation = deviation
        # By the deviation where the loss does not use it, too: on a score of hundreds float32 alone is coarser than
        # any tolerance
        self.outputs = (Output("score", ("batch",), unit=self.score_unit), *ATTENTION)

    @property
    def _limits(self) -> tuple[float, float] | tuple[()]:
        """The ends of the range, if there is one."""
        return (self.spec.range[0], self.spec.range[1]) if self.spec.range else ()

    @property
    def unit(self) -> float:
        """What the loss calls 1."""
        return self.deviation if self.spec.standardise else 1.0

    def targets(self, table: pa.Table) -> NDArray[Any]:
        """Scores, `(N,)` float32."""
        values = numbers(table["target"])
        low, high = self.spec.range or (-math.inf, math.inf)
        wrong = np.flatnonzero(~((values >= low) & (values <= high)) | ~np.isfinite(values))
        if len(wrong):
            raise target_error(table, [(int(row), self._fault(table["target"][int(row)].as_py())) for row in wrong])
        return values.astype(np.float32)

    def _fault(self, value: Any) -> str:
        number = as_number(value)
        if not math.isfinite(number):
            return number_fault(value)
        low, high = self.spec.range
        return f"must be in task.range [{low:g}, {high:g}], got {number:g}"

    def build_model(self, parts: Parts) -> Any:
        """`score` `(B,)` on the pooled row, in the unit of the data."""
        rows = read_rows(parts, self.pipeline)
        x = keras.layers.Dropout(self.spec.dropout, name="head_dropout", dtype="float32")(rows.features)
        start = keras.initializers.Constant(self._start())
        x = keras.layers.Dense(1, bias_initializer=start, name="head", dtype="float32")(x)  # (B, 1)
        x = keras.layers.Reshape((), name="flat", dtype="float32")(x)
        if self.spec.range:
            x = RangeSquash(*self.spec.range, name="score", dtype="float32")(x)
        elif self.spec.standardise:
            x = keras.layers.Rescaling(self.deviation, self.mean, name="score", dtype="float32")(x)
        return assemble(rows, score=shared(rows, self.pipeline, x, "shared_score"))

    def sought(self, truth: NDArray[Any]) -> Sought:
        """Numbers, inside the range."""
        return Sought(truth, limits=self._limits)

    def blend(self, outputs: Mapping[str, Any], wide: Any, truth: Any, weights: Any) -> tuple[float, float]:
        """Of the scores in the unit of the data."""
        return blended_numbers(outputs["score"], wide[:, 0], truth, weights)

    def _start(self) -> float:
        """The head's bias with which an untrained model answers about the mean."""
        if not self.spec.range:
            return 0.0 if self.spec.standardise else self.mean
        low, high = self.spec.range
        share = min(max((self.mean - low) / (high - low), 0.01), 0.99)
        return math.log(share / (1 - share))

    def softened(self, truth: NDArray[Any], outputs: Mapping[str, Any], share: float) -> NDArray[Any]:
        """Scores between the two."""
        between: NDArray[Any] = (1 - share) * truth + share * self.decode(outputs).answers
        return between.astype(truth.dtype)

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Loss per row, `(B,)`, in the standardised unit."""
        error = (outputs["score"] - ops.cast(targets, outputs["score"].dtype)) / self.unit
        return distance(error, self.spec.loss)

    def decode(self, outputs: Mapping[str, Any]) -> ScorePredictions:
        """Scores in float64; inside the range to the last bit."""
        score = np.asarray(outputs["score"], dtype=np.float64)
        low, high = self.spec.range or (-math.inf, math.inf)
        return self._predictions(np.clip(score, low, high))

    def _predictions(self, answers: NDArray[np.float64]) -> ScorePredictions:
        return ScorePredictions(answers, self.units)

    def read(self, arrays: Mapping[str, Any]) -> ScorePredictions:
        """From `score`."""
        return self._predictions(np.asarray(arrays["score"], dtype=np.float64).reshape(-1))

    @property
    def answer_axes(self) -> dict[str, tuple[str | int, ...]]:
        """`score`."""
        return {"score": ("batch",)}

    @property
    def answer_columns(self) -> tuple[AnswerColumn, ...]:
        """`prediction`."""
        return (AnswerColumn("prediction", "score", decimals=decimals_of(max(abs(self.mean), self.score_unit))),)

    def quick_scores(self, truth: NDArray[Any], predictions: ScorePredictions) -> dict[str, float]:  # type: ignore[override]
        """MAE and RMSE in the unit of the data."""
        error = predictions.answers - truth
        return {"mae": float(np.abs(error).mean()), "rmse": float(np.sqrt((error**2).mean()))}

    @property
    def score_unit(self) -> float:
        """The deviation of the training targets."""
        return self.deviation or 1.0

    def measure(self, truth: NDArray[Any], predictions: ScorePredictions) -> Measure:  # type: ignore[override]
        """See `regression_measure`."""
        return regression_measure(truth.astype(np.float64), predictions.answers)

    def scores(  # type: ignore[override]
        self, truth: NDArray[Any], predictions: ScorePredictions, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """See `regression_scores`."""
        return regression_scores(
            truth.astype(np.float64), predictions.answers, resamples=resamples, confidence=confidence, seed=seed
        )

    def baselines(self, train: Samples, truth: NDArray[Any], asked: Samples, seed: int) -> dict[str, Predictions]:
        """Mean, and ridge regression: on n-grams, or on means, deviations and ends of vectors."""
        clip = self._limits
        known, other = (self.pipeline.baseline_numbers(rows) for rows in (train, asked))
        if known is not None and other is not None:
            numbers = vector_regression_baselines(known, truth.astype(np.float64), other, seed)
            return {name: self._predictions(np.clip(v, *(clip or (None, None)))) for name, v in numbers.items()}
        texts = self.pipeline.baseline_texts(train), self.pipeline.baseline_texts(asked)
        pairs = self.pipeline.baseline_pairs(train), self.pipeline.baseline_pairs(asked)
        found = regression_baselines(
            texts[0],
            truth.astype(np.float64),
            texts[1],
            seed,
            clip,
            self.pipeline.wide,
            pairs if pairs[0] else None,
        )
        return {name: self._predictions(answers) for name, answers in found.items()}

    def row_losses(self, truth: NDArray[Any], predictions: ScorePredictions) -> NDArray[np.float64]:  # type: ignore[override]
        """Absolute error in the unit of the data."""
        losses: NDArray[np.float64] = np.abs(predictions.answers - truth)
        return losses

    @property
    def units(self) -> Mapping[str, float]:
        """The deviation of the training targets."""
        return {"score": self.score_unit}

    def made_targets(self, inputs: Mapping[str, Any]) -> NDArray[np.float32]:
        """Numbers over the whole range, or over two deviations around the mean."""
        low, high = self.spec.range or (self.mean - 2 * self.deviation, self.mean + 2 * self.deviation)
        return np.linspace(low, high, len(next(iter(inputs.values()))), dtype=np.float32)

    @property
    def kind(self) -> str:
        """`regression`."""
        return "regression"

    @property
    def hub_task(self) -> str:
        """The Hub has no other word for a number of a text."""
        return "text-classification" if self.pipeline.row == "text" else ""

    def use(self) -> str:
        """Between which limits its numbers lie."""
        limits = f", from {number(self.spec.range[0])} to {number(self.spec.range[1])}" if self.spec.range else ""
        return f"Gives {self.pipeline.noun} a number{limits}."

    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """Predicted against true, errors by length, worst errors."""
        truth, answers = np.asarray(tested.truth, dtype=np.float64), tested.predictions.answers
        losses = self.row_losses(tested.truth, tested.predictions)
        mistakes = Mistakes(
            losses=losses,
            wrong=losses != 0,
            truth=lambda row: tag("span", number(float(tested.truth[row]))),
            prediction=lambda row: tag("span", number(float(answers[row]))),
            loss_name="distance",
            weighed=weighed_cell(self.pipeline, tested.samples, [0] * len(answers), tested.wide, tested.language)
            or occluded_cell(tested.occluded, tested.language),
        )
        drawn = (tag("figure", draw(truth, answers)) for draw in (scatter, residuals))
        lengths = length_table(tested.samples, losses, "mean absolute error")
        worst = worst_table(tested.samples, tested.where, mistakes, tested.language)
        return [
            ("Predicted against true", tag("div", *drawn, class_="pictures")),
            ("Where it is wrong", tag("div", lengths, class_="beside")),
            *([("Worst errors", worst)] if worst else []),
        ]

    def truth_column(self, truth: NDArray[Any]) -> list[Any]:
        """Numbers, as short as float32 allows."""
        return [float(str(np.float32(t))) for t in truth]

    def to_onnx(self, graph: Graph, outputs: Mapping[str, str]) -> None:
        """`score` (B,), in the unit of the data."""
        graph.output("score", "float32", ["batch"], outputs["score"])

    def state(self) -> dict[str, Any]:
        """Mean and deviation of the training targets."""
        return {"mean": self.mean, "deviation": self.deviation}

    def describe(self) -> dict[str, Any]:
        """The limits, and mean and deviation of the training targets."""
        return {**super().describe(), "range": list(self.spec.range), "unit": self.state()}
