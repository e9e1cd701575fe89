"""The built regression task."""

# N rows, B batch, F features

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from kerasseq.corpus.targets import numbers
from kerasseq.datasets.numbers import as_number, number_fault
from kerasseq.layers.range_squash import RangeSquash
from kerasseq.metrics import Score, regression_baselines, regression_scores
from kerasseq.model import Parts, assemble, read_text
from kerasseq.tasks.task import Predictions, Task, target_error

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.exporters.onnx.graph import Graph
    from kerasseq.tasks.regression import Regression

__all__ = ["Regressor"]


class Regressor(Task):
    """One number per text.

    The model's output `score` is `(B,)` in the unit of the data: un-scaling, or squashing into the range, is inside the
    model. Only the loss is in the standardised unit.
    """

    name = "regression"
    main_score = "mae"

    def __init__(self, spec: Regression, mean: float, deviation: float) -> None:
        self.spec = spec
        self.mean = mean
        self.deviation = deviation
        self.outputs = {"score": (None,)}

    @property
    def unit(self) -> float:
        """What the loss calls 1."""
        return self.deviation if self.spec.standardise else 1.0

    def encode(self, table: pa.Table) -> NDArray[Any]:
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

    def weights(self, targets: NDArray[Any]) -> NDArray[np.float32]:
        """Ones."""
        return np.ones(len(targets), dtype=np.float32)

    def build_model(self, parts: Parts) -> Any:
        """`score` `(B,)` on the pooled text, in the unit of the data."""
        text = read_text(parts)
        x = keras.layers.Dropout(self.spec.dropout, name="head_dropout", dtype="float32")(text.features)
        start = keras.initializers.Constant(self._start())
        x = keras.layers.Dense(1, bias_initializer=start, name="head", dtype="float32")(x)  # (B, 1)
        x = keras.layers.Reshape((), name="flat", dtype="float32")(x)
        if self.spec.range:
            x = RangeSquash(*self.spec.range, name="score", dtype="float32")(x)
        elif self.spec.standardise:
            x = keras.layers.Rescaling(self.deviation, self.mean, name="score", dtype="float32")(x)
        return assemble(text, score=x)

    def _start(self) -> float:
        """The head's bias with which an untrained model answers about the mean."""
        if not self.spec.range:
            return 0.0 if self.spec.standardise else self.mean
        low, high = self.spec.range
        share = min(max((self.mean - low) / (high - low), 0.01), 0.99)
        return math.log(share / (1 - share))

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Loss per row, `(B,)`, in the standardised unit."""
        error = ops.absolute(outputs["score"] - ops.cast(targets, outputs["score"].dtype)) / self.unit
        if self.spec.loss == "mae":
            return error
        if self.spec.loss == "mse":
            return ops.square(error)
        return ops.where(error <= 1, 0.5 * ops.square(error), error - 0.5)

    def decode(self, outputs: Mapping[str, NDArray[np.float32]]) -> Predictions:
        """Scores in float64; inside the range to the last bit."""
        score = np.asarray(outputs["score"], dtype=np.float64)
        low, high = self.spec.range or (-math.inf, math.inf)
        return self._predictions(np.clip(score, low, high))

    def _predictions(self, answers: NDArray[np.float64]) -> Predictions:
        return Predictions(answers, np.zeros((len(answers), 0)))

    def columns(self, predictions: Predictions) -> dict[str, list[Any]]:
        """`prediction`."""
        return {"prediction": [round(float(a), 6) for a in predictions.answers]}

    def quick_scores(self, truth: NDArray[Any], predictions: Predictions) -> dict[str, float]:
        """MAE and RMSE in the unit of the data."""
        error = predictions.answers - truth
        return {"mae": float(np.abs(error).mean()), "rmse": float(np.sqrt((error**2).mean()))}

    def scores(
        self, truth: NDArray[Any], predictions: Predictions, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """See `regression_scores`."""
        return regression_scores(
            truth.astype(np.float64), predictions.answers, resamples=resamples, confidence=confidence, seed=seed
        )

    def baselines(
        self, train_texts: Sequence[str], train_truth: NDArray[Any], test_texts: Sequence[str], seed: int
    ) -> dict[str, Predictions]:
        """Mean, and ridge regression on TF-IDF."""
        clip = (self.spec.range[0], self.spec.range[1]) if self.spec.range else ()
        truth = train_truth.astype(np.float64)
        found = regression_baselines(train_texts, truth, test_texts, seed, clip)
        return {name: self._predictions(answers) for name, answers in found.items()}

    def row_losses(self, truth: NDArray[Any], predictions: Predictions) -> NDArray[np.float64]:
        """Absolute error in the unit of the data."""
        losses: NDArray[np.float64] = np.abs(predictions.answers - truth)
        return losses

    def truth_column(self, truth: NDArray[Any]) -> list[Any]:
        """Numbers, as short as float32 allows."""
        return [float(str(np.float32(t))) for t in truth]

    def to_onnx(self, graph: Graph, outputs: Mapping[str, str]) -> None:
        """`score` (B,), in the unit of the data."""
        graph.output("score", "float32", ["batch"], outputs["score"])

    def state(self) -> dict[str, Any]:
        """Mean and deviation of the training targets."""
        return {"mean": self.mean, "deviation": self.deviation}
