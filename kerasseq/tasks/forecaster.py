"""The built forecast task."""

# N windows, B batch, H steps ahead, D numbers of a step, F features

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from kerasseq.console import count
from kerasseq.metrics.bootstrap import Measure
from kerasseq.metrics.forecast import forecast_measure, forecast_scores
from kerasseq.metrics.forecast_baselines import forecast_baselines
from kerasseq.metrics.scores import Score
from kerasseq.model import Parts, read_rows
from kerasseq.report.markup import Html, tag
from kerasseq.report.series import horizon_table, stretch
from kerasseq.runtime.columns import AnswerColumn, decimals_of
from kerasseq.tasks.losses import distance
from kerasseq.tasks.predictions import Predictions
from kerasseq.tasks.task import Output, Task, Tested

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.vector_rows import VectorRows
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.pipelines.windows import WindowsPipeline
    from kerasseq.tasks.forecast import Forecast

__all__ = ["ForecastPredictions", "Forecaster"]


@dataclass(frozen=True)
class ForecastPredictions(Predictions):
    """Numbers ahead.

    Attributes:
        values: `(N, H, D)`, in the unit of the data.
        units: What differences of `forecast` are measured by.
    """

    values: NDArray[np.float64]
    units: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Any) -> ForecastPredictions:
        """Those at `rows`."""
        return ForecastPredictions(self.values[rows], self.units)

    def arrays(self) -> dict[str, Any]:
        """`forecast` `(N, H, D)`."""
        return {"forecast": self.values}


class Forecaster(Task):
    """All steps ahead at once, from the pooled window.

    The model's output `ahead` is `(B, H, D)` in deviations of the training part: what the head says and the base that
    it is added to. Targets are in the unit of the data, for scores; the loss is in the model's unit.
    """

    name = "forecast"
    main_score = "mae"
    pipeline: WindowsPipeline

    def __init__(self, spec: Forecast, pipeline: WindowsPipeline) -> None:
        self.spec = spec
        self.pipeline = pipeline
        self.outputs = (Output("ahead", ("batch", pipeline.horizon, pipeline.dimension), "vectors"),)

    @property
    def units(self) -> Mapping[str, float]:
        """The largest number that a forecast is measured against: a deviation, of logarithms the level itself."""
        fitted = self.pipeline.standardiser
        if self.pipeline.logarithm:
            return {"forecast": float(np.exp(fitted.mean + 4 * fitted.deviation).max())}
        return {"forecast": float(fitted.deviation.max())}

    def targets(self, table: pa.Table) -> NDArray[Any]:
        """`(N, H, D)` float32, in the model's unit."""
        values = np.array(table["target"].to_pylist(), dtype=np.float64)
        shape = (table.num_rows, self.pipeline.horizon, self.pipeline.dimension)
        return self.pipeline.scaled(values.reshape(shape)).astype(np.float32)

    def build_model(self, parts: Parts) -> Any:
        """`ahead` `(B, H, D)` on the pooled window."""
        rows = read_rows(parts, self.pipeline)
        horizon, dimension = self.pipeline.horizon, self.pipeline.dimension
        x = keras.layers.Dropout(self.spec.dropout, name="head_dropout", dtype="float32")(rows.features)
        x = keras.layers.Dense(horizon * dimension, name="head", dtype="float32")(x)
        x = keras.layers.Reshape((horizon, dimension), name="steps", dtype="float32")(x)
        base = keras.Input((horizon, dimension), dtype="float32", name="base")
        return keras.Model([*rows.inputs, base], {"ahead": ops.add(x, base)}, name="kerasseq")

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Loss per window, `(B,)`, in the model's unit."""
        error = outputs["ahead"] - ops.cast(targets, outputs["ahead"].dtype)
        return ops.mean(distance(error, self.spec.loss), axis=(1, 2))

    def decode(self, outputs: Mapping[str, Any]) -> ForecastPredictions:
        """In the unit of the data."""
        return self._predictions(self.pipeline.original(np.asarray(outputs["ahead"], dtype=np.float64)))

    def _predictions(self, values: NDArray[np.float64]) -> ForecastPredictions:
        return ForecastPredictions(values, self.units)

    def read(self, arrays: Mapping[str, Any]) -> ForecastPredictions:
        """From `forecast`."""
        shape = (-1, self.pipeline.horizon, self.pipeline.dimension)
        return self._predictions(np.asarray(arrays["forecast"], dtype=np.float64).reshape(shape))

    @property
    def answer_axes(self) -> dict[str, tuple[str | int, ...]]:
        """`forecast`."""
        return {"forecast": ("batch", self.pipeline.horizon, self.pipeline.dimension)}

    @property
    def answer_columns(self) -> tuple[AnswerColumn, ...]:
        """`prediction`: a list of the steps ahead, each a list of numbers, with the decimals of the smallest series."""
        fitted = self.pipeline.standardiser
        sizes = np.exp(fitted.mean) if self.pipeline.logarithm else np.maximum(np.abs(fitted.mean), fitted.deviation)
        return (AnswerColumn("prediction", "forecast", decimals=decimals_of(float(sizes.min()))),)

    def made_targets(self, inputs: Mapping[str, Any]) -> NDArray[np.float32]:
        """Zeros, which is the mean."""
        return np.zeros_like(np.asarray(inputs["base"]))

    def truth_column(self, truth: NDArray[Any]) -> list[Any]:
        """Lists of the true steps."""
        decimals = self.answer_columns[0].decimals
        return [[[round(float(v), decimals) for v in step] for step in row] for row in self._original(truth)]

    def _original(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        return self.pipeline.original(np.asarray(truth, dtype=np.float64))

    def quick_scores(self, truth: NDArray[Any], predictions: ForecastPredictions) -> dict[str, float]:  # type: ignore[override]
        """MAE and RMSE in the unit of the data."""
        error = predictions.values - self._original(truth)
        return {"mae": float(np.abs(error).mean()), "rmse": float(np.sqrt((error**2).mean()))}

    @property
    def score_unit(self) -> float:
        """The mean deviation of the series in training; of logarithms, what one more of them adds to the level."""
        fitted = self.pipeline.standardiser
        if self.pipeline.logarithm:
            return float(np.mean(np.exp(fitted.mean) * np.expm1(fitted.deviation)))
        return float(np.mean(fitted.deviation))

    def measure(self, truth: NDArray[Any], predictions: ForecastPredictions) -> Measure:  # type: ignore[override]
        """See `forecast_measure`."""
        return forecast_measure(self._original(truth), predictions.values, self.pipeline.scale)

    def scores(  # type: ignore[override]
        self, truth: NDArray[Any], predictions: ForecastPredictions, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """See `forecast_scores`."""
        return forecast_scores(
            self._original(truth),
            predictions.values,
            self.pipeline.scale,
            resamples=resamples,
            confidence=confidence,
            seed=seed,
        )

    def baselines(  # type: ignore[override]
        self, train: VectorRows, truth: NDArray[Any], asked: VectorRows, seed: int
    ) -> dict[str, Predictions]:
        """The last value, one season before, ridge regression on lags."""
        series, training, before = self._series(train, truth, asked)
        first = np.array(asked.steps, dtype=np.int64) - 1 - before
        sizes = (self.pipeline.window, self.pipeline.horizon, self.pipeline.season)
        found = forecast_baselines(series, training, first, *sizes)
        return {name: self._predictions(values) for name, values in found.items()}

    def _series(
        self, train: VectorRows, truth: NDArray[Any], asked: VectorRows
    ) -> tuple[NDArray[np.float64], int, int]:
        """The steps of the series from the first that a training window holds, how many of them are training's, and
        how many lie before them."""
        window, dimension = self.pipeline.window, self.pipeline.dimension
        before = int(train.steps[0]) - 1 - window
        last = int(train.steps[-1]) - 1 + self.pipeline.horizon - before
        end = max(last, int(max(asked.steps)) - 1 - before)
        series = np.zeros((end, dimension))
        for rows in (train, asked):
            for place, step in enumerate(rows.steps):
                stop = step - 1 - before
                series[stop - window : stop] = rows.vectors[place][-window:]
        series[last - self.pipeline.horizon : last] = self._original(truth[-1:])[0]
        return series, last, before

    def row_losses(self, truth: NDArray[Any], predictions: ForecastPredictions) -> NDArray[np.float64]:  # type: ignore[override]
        """Mean absolute error of each window."""
        losses: NDArray[np.float64] = np.abs(predictions.values - self._original(truth)).mean(axis=(1, 2))
        return losses

    @property
    def kind(self) -> str:
        """`12 steps ahead`."""
        horizon, dimension = self.pipeline.horizon, self.pipeline.dimension
        steps = f"{count(horizon, 'step')} ahead"
        return f"{steps} of {dimension} series" if dimension > 1 else steps

    @property
    def hub_task(self) -> str:
        """Of the Hub."""
        return "time-series-forecasting"

    def use(self) -> str:
        """What is said from what."""
        return f"Says {self.kind} from the {count(self.pipeline.window, 'step')} before."

    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """The test stretch, and the error by how far ahead."""
        truth, values = self._original(tested.truth), tested.predictions.values
        steps = np.array(tested.samples.steps)  # type: ignore[attr-defined]
        pictures = stretch(steps, truth, values)
        return [
            ("The test stretch", tag("div", *pictures, class_="pictures")),
            ("Where it is wrong", horizon_table(truth, values)),
        ]

    def to_onnx(self, graph: Graph, outputs: Mapping[str, str]) -> None:
        """`forecast` `(B, H, D)`, in the unit of the data."""
        fitted = self.pipeline.standardiser
        mean, deviation = (graph.constant(values, np.float32) for values in (fitted.mean, fitted.deviation))
        found = graph.node("Add", graph.node("Mul", outputs["ahead"], deviation), mean)
        if self.pipeline.logarithm:
            found = graph.node("Exp", found)
        graph.output("forecast", "float32", ["batch", self.pipeline.horizon, self.pipeline.dimension], found)

    def state(self) -> dict[str, Any]:
        """What the pipeline has learned."""
        return self.pipeline.state()
