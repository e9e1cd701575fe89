"""The built classification task."""

# N rows, B batch, F features, K classes

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from kerasseq.arrays.column import distinct
from kerasseq.metrics import Score, classification_baselines, classification_scores
from kerasseq.model import Parts, assemble, read_text
from kerasseq.tasks.task import Predictions, Task, target_error

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.exporters.onnx.graph import Graph
    from kerasseq.tasks.classification import Classification

__all__ = ["Classifier"]


SHOWN = 10
"""Classes that a message lists before it only counts."""


class Classifier(Task):
    """A softmax over `K` classes.

    The model's output `logits` is `(B, K)`, before the softmax.
    """

    name = "classification"

    def __init__(self, spec: Classification, labels: tuple[str, ...]) -> None:
        self.spec = spec
        self.labels = labels
        self.outputs = {"logits": (None, len(labels))}
        self.main_score = "accuracy" if len(labels) == 2 else "f1_macro"
        self._index = {label: i for i, label in enumerate(labels)}

    def encode(self, table: pa.Table) -> NDArray[Any]:
        """Class indices, `(N,)` int64."""
        values, places = distinct(table["target"])
        numbers = np.array([-1 if v is None else self._index.get(str(v), -1) for v in values], dtype=np.int64)
        targets: NDArray[Any] = numbers[places]
        wrong = np.flatnonzero(targets < 0)
        if len(wrong):
            got = ["nothing" if v is None else repr(str(v)) for v in values]
            rule = f"must be one of {self._known()}, got"
            raise target_error(table, [(int(row), f"{rule} {got[places[row]]}") for row in wrong])
        return targets

    def _known(self) -> str:
        known = ", ".join(self.labels[:SHOWN])
        if len(self.labels) > SHOWN:
            known += f" and {len(self.labels) - SHOWN} more classes of the training rows"
        return known

    def weights(self, targets: NDArray[Any]) -> NDArray[np.float32]:
        """Ones, or the inverse share of each row's class, with mean 1."""
        if self.spec.class_weights == "none" or not len(targets):
            return np.ones(len(targets), dtype=np.float32)
        counts = np.bincount(targets, minlength=len(self.labels))
        present = int((counts > 0).sum())
        return np.asarray(len(targets) / (present * counts[targets]), dtype=np.float32)

    def build_model(self, parts: Parts) -> Any:
        """`logits` `(B, K)` on the pooled text."""
        text = read_text(parts)
        features = keras.layers.Dropout(self.spec.dropout, name="head_dropout", dtype="float32")(text.features)
        return assemble(text, logits=keras.layers.Dense(len(self.labels), name="logits", dtype="float32")(features))

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Cross-entropy per row, `(B,)`."""
        logits, smoothing = outputs["logits"], self.spec.label_smoothing
        loss = ops.sparse_categorical_crossentropy(targets, logits, from_logits=True)
        if not smoothing:
            return loss
        return loss * (1 - smoothing) - ops.mean(ops.log_softmax(logits, axis=-1), axis=-1) * smoothing

    def decode(self, outputs: Mapping[str, NDArray[np.float32]]) -> Predictions:
        """Softmax in float64, and the likeliest class."""
        logits = np.asarray(outputs["logits"], dtype=np.float64)
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        return self._predictions(shifted / shifted.sum(axis=1, keepdims=True))

    def _predictions(self, probabilities: NDArray[np.float64]) -> Predictions:
        return Predictions(probabilities.argmax(axis=1), probabilities)

    def columns(self, predictions: Predictions) -> dict[str, list[Any]]:
        """`prediction`, its `score`, and `score[label]` for each class."""
        best = predictions.probabilities[np.arange(len(predictions.answers)), predictions.answers]
        columns: dict[str, list[Any]] = {
            "prediction": [self.labels[i] for i in predictions.answers],
            "score": [round(float(p), 6) for p in best],
        }
        for k, label in enumerate(self.labels):
            columns[f"score[{label}]"] = [round(float(p), 6) for p in predictions.probabilities[:, k]]
        return columns

    def quick_scores(self, truth: NDArray[Any], predictions: Predictions) -> dict[str, float]:
        """Accuracy and macro F1."""
        from sklearn.metrics import f1_score

        accuracy = float((truth == predictions.answers).mean())
        return {
            "accuracy": accuracy,
            "f1_macro": float(f1_score(truth, predictions.answers, average="macro", zero_division=0)),
        }

    def scores(
        self, truth: NDArray[Any], predictions: Predictions, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """See `classification_scores`."""
        return classification_scores(
            truth,
            predictions.probabilities,
            self.labels,
            self.spec.positive,
            resamples=resamples,
            confidence=confidence,
            seed=seed,
        )

    def baselines(
        self, train_texts: Sequence[str], train_truth: NDArray[Any], test_texts: Sequence[str], seed: int
    ) -> dict[str, Predictions]:
        """Majority class, and logistic regression on TF-IDF."""
        found = classification_baselines(train_texts, train_truth, test_texts, len(self.labels), seed)
        return {name: self._predictions(probabilities) for name, probabilities in found.items()}

    def row_losses(self, truth: NDArray[Any], predictions: Predictions) -> NDArray[np.float64]:
        """Negative log probability of the true class."""
        losses: NDArray[np.float64] = -np.log(
            np.maximum(predictions.probabilities[np.arange(len(truth)), truth], 1e-12)
        )
        return losses

    def truth_column(self, truth: NDArray[Any]) -> list[Any]:
        """Class names."""
        return [self.labels[i] for i in truth]

    def to_onnx(self, graph: Graph, outputs: Mapping[str, str]) -> None:
        """`label` (B,) strings, and `probabilities` (B, K) in the order of the labels."""
        probabilities = graph.node("Softmax", outputs["logits"], axis=1)
        best = graph.node("ArgMax", outputs["logits"], axis=1, keepdims=0)
        labels = graph.constant(list(self.labels))
        graph.output("label", "string", ["batch"], graph.node("Gather", labels, best))
        graph.output("probabilities", "float32", ["batch", len(self.labels)], probabilities)

    def state(self) -> dict[str, Any]:
        """The class names in the order of the logits."""
        return {"labels": list(self.labels)}
