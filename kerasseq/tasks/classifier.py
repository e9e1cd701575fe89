"""The built classification task."""

# N rows, B batch, F features, K classes

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from kerasseq.arrays.column import distinct
from kerasseq.arrays.numbers import as_number
from kerasseq.config.alike import like
from kerasseq.corpus.targets import distributions, likeliest
from kerasseq.metrics import (
    Measure,
    Score,
    classification_baselines,
    classification_measure,
    classification_scores,
)
from kerasseq.metrics.vector_baselines import vector_classification_baselines
from kerasseq.model import Parts, assemble, read_rows, shared
from kerasseq.report.classes import class_table, confusion_table
from kerasseq.report.heavy import occluded_cell, weighed_cell
from kerasseq.report.markup import Html, inline, tag
from kerasseq.report.mistakes import Mistakes, calibration, length_table, worst_table
from kerasseq.runtime.columns import AnswerColumn, class_columns
from kerasseq.tasks.losses import cross_entropy
from kerasseq.tasks.predictions import MARGIN, Predictions
from kerasseq.tasks.task import ATTENTION, Output, Task, Tested, target_error
from kerasseq.wide.blend import blended_classes
from kerasseq.wide.branch import Sought

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.samples import Samples
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.tasks.classification import Classification

__all__ = ["ClassPredictions", "Classifier"]


SHOWN = 10
"""Classes that a message lists before it only counts."""


@dataclass(frozen=True)
class ClassPredictions(Predictions):
    """Classes.

    Attributes:
        labels: The K class names.
        probabilities: `(N, K)`.
    """

    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.probabilities)

    def take(self, rows: Any) -> ClassPredictions:
        """Those at `rows`."""
        return ClassPredictions(self.labels, self.probabilities[rows])

    @property
    def answers(self) -> NDArray[np.int64]:
        """The likeliest class of each row, `(N,)`."""
        answers: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return answers

    def arrays(self) -> dict[str, Any]:
        """`label` `(N,)` and `probabilities` `(N, K)`."""
        names = np.array(self.labels, dtype=object)
        return {"label": names[self.answers], "probabilities": self.probabilities}

    def sure(self) -> NDArray[np.bool_]:
        """Whether the two likeliest classes are further apart than `MARGIN`."""
        ranked = np.sort(self.probabilities, axis=1)
        clear: NDArray[np.bool_] = ranked[:, -1] - ranked[:, -2] > MARGIN
        return clear

    def shown(self, row: int) -> str:
        """`good (0.912345)`."""
        best = int(self.answers[row])
        return f"{self.labels[best]} ({self.probabilities[row, best]:.6f})"


class Classifier(Task):
    """A softmax over `K` classes.

    The model's output `logits` is `(B, K)`, before the softmax. Targets of training and validation are classes, `(N,)`
    int64, or distributions over them, `(N, K)` float32 with sum 1; answers to the latter are measured by the likeliest
    class.
    """

    name = "classification"
    baseline_sides = ("train", "validation")

    def __init__(self, spec: Classification, pipeline: Pipeline, labels: tuple[str, ...]) -> None:
        self.spec = spec
        self.pipeline = pipeline
        self.labels = labels
        self.outputs = (Output("logits", ("batch", len(labels)), unit=0), *ATTENTION)
        self.main_score = "accuracy" if len(labels) == 2 else "f1_macro"
        self._index = {label: i for i, label in enumerate(labels)}
        numbers = list(map(as_number, labels))
        apart = len(set(numbers)) == len(numbers) and not any(map(math.isnan, numbers))
        self._numbers = {number: i for i, number in enumerate(numbers)} if apart else {}

    def targets(self, table: pa.Table) -> NDArray[Any]:
        """Class indices, `(N,)` int64."""
        values, places = distinct(table["target"])
        numbers = np.array([-1 if v is None else self._place(str(v)) for v in values], dtype=np.int64)
        targets: NDArray[Any] = numbers[places]
        wrong = np.flatnonzero(targets < 0)
        if len(wrong):
            got = ["nothing" if v is None else f"{str(v)!r}{like(str(v), self.labels)}" for v in values]
            rule = f"must be one of {self._known()}, got"
            raise target_error(table, [(int(row), f"{rule} {got[places[row]]}") for row in wrong])
        return targets

    def taught(self, table: pa.Table, side: str) -> NDArray[Any]:
        """Class indices, or where rows have distributions these, `(N, K)` float32.

        Of validation, a row whose label is another class than its distribution says has the label.
        """
        if "distribution" not in table.column_names:
            return super().taught(table, side)  # type: ignore[no-any-return]
        shares = distributions(table["distribution"], self.labels)
        if side != "train":
            truth = self.targets(table)
            other = truth != shares.argmax(axis=1)
            shares[other] = np.eye(len(self.labels), dtype=np.float32)[truth[other]]
        return shares

    def _place(self, value: str) -> int:
        """The class of a value, -1 for none; where classes are numbers, 1.0 is the class 1."""
        place = self._index.get(value, -1)
        return self._numbers.get(as_number(value), -1) if place < 0 else place

    def _known(self) -> str:
        known = ", ".join(self.labels[:SHOWN])
        if len(self.labels) > SHOWN:
            known += f" and {len(self.labels) - SHOWN} more classes of the training rows"
        return known

    def weights(self, targets: NDArray[Any]) -> NDArray[np.float32]:
        """Ones, or the inverse share of each row's class, with mean 1; of a distribution the mean over its classes."""
        if self.spec.class_weights == "none" or not len(targets):
            return np.ones(len(targets), dtype=np.float32)
        if targets.ndim == 2:
            sums = targets.sum(axis=0, dtype=np.float64)  # (K,)
            inverse = np.divide(1, sums, out=np.zeros_like(sums), where=sums > 0)
            return np.asarray(len(targets) / (sums > 0).sum() * (targets @ inverse), dtype=np.float32)
        counts = np.bincount(targets, minlength=len(self.labels))
        present = int((counts > 0).sum())
        return np.asarray(len(targets) / (present * counts[targets]), dtype=np.float32)

    def build_model(self, parts: Parts) -> Any:
        """`logits` `(B, K)` on the pooled row."""
        rows = read_rows(parts, self.pipeline)
        features = keras.layers.Dropout(self.spec.dropout, name="head_dropout", dtype="float32")(rows.features)
        logits = keras.layers.Dense(len(self.labels), name="logits", dtype="float32")(features)
        return assemble(rows, logits=shared(rows, self.pipeline, logits, "shared_logits"))

    def sought(self, truth: NDArray[Any]) -> Sought:
        """Classes."""
        shares = truth if truth.ndim == 2 else None
        return Sought(likeliest(truth), len(self.labels), self.main_score == "f1_macro", shares=shares)

    def blend(self, outputs: Mapping[str, Any], wide: Any, truth: Any, weights: Any) -> tuple[float, float]:
        """Of the logits; where the branch lets every class weigh the same, so does this."""
        if self.pipeline.wide is not None and self.pipeline.wide.balanced:
            if truth.ndim == 2:
                weights = weights * (truth / np.maximum(weights @ truth, 1e-9)).sum(axis=1)
            else:
                counts = np.bincount(truth, weights, minlength=len(self.labels))
                weights = weights / np.maximum(counts, 1e-9)[truth]
        return blended_classes(outputs["logits"], wide, truth, weights * len(truth) / weights.sum())

    def softened(self, truth: NDArray[Any], outputs: Mapping[str, Any], share: float) -> NDArray[np.float32]:
        """Distributions, `(N, K)`."""
        certain = truth if truth.ndim == 2 else np.eye(len(self.labels))[truth]
        return np.asarray((1 - share) * certain + share * self.decode(outputs).probabilities, dtype=np.float32)

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Cross-entropy per row, `(B,)`, to its class or to its distribution (Hinton et al., 2015)."""
        logits, smoothing = outputs["logits"], self.spec.label_smoothing
        if len(targets.shape) == 2:
            loss = cross_entropy(logits, targets, self.spec.temperature)
        else:
            loss = ops.sparse_categorical_crossentropy(targets, logits, from_logits=True)
        if not smoothing:
            return loss
        return loss * (1 - smoothing) - ops.mean(ops.log_softmax(logits, axis=-1), axis=-1) * smoothing

    def decode(self, outputs: Mapping[str, Any]) -> ClassPredictions:
        """Softmax in float64, and the likeliest class."""
        logits = np.asarray(outputs["logits"], dtype=np.float64)
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        return self._predictions(shifted / shifted.sum(axis=1, keepdims=True))

    def _predictions(self, probabilities: NDArray[np.float64]) -> ClassPredictions:
        return ClassPredictions(self.labels, probabilities)

    def read(self, arrays: Mapping[str, Any]) -> ClassPredictions:
        """From `probabilities`."""
        return self._predictions(np.asarray(arrays["probabilities"], dtype=np.float64).reshape(-1, len(self.labels)))

    @property
    def answer_axes(self) -> dict[str, tuple[str | int, ...]]:
        """`label` and `probabilities`."""
        return {"label": ("batch",), "probabilities": ("batch", len(self.labels))}

    @property
    def answer_names(self) -> tuple[str, ...]:
        """The classes."""
        return self.labels

    @property
    def answer_columns(self) -> tuple[AnswerColumn, ...]:
        """`prediction`, its `score`, and `score[label]` for each class."""
        return class_columns(self.labels)

    def quick_scores(self, truth: NDArray[Any], predictions: ClassPredictions) -> dict[str, float]:  # type: ignore[override]
        """Accuracy and macro F1."""
        from sklearn.metrics import f1_score

        truth = likeliest(truth)
        accuracy = float((truth == predictions.answers).mean())
        return {
            "accuracy": accuracy,
            "f1_macro": float(f1_score(truth, predictions.answers, average="macro", zero_division=0)),
        }

    @property
    def headlines(self) -> tuple[str, ...]:
        """Without those that say nearly the same."""
        return ("accuracy", "f1_macro", "f1", "roc_auc", "log_loss")

    def measure(self, truth: NDArray[Any], predictions: ClassPredictions) -> Measure:  # type: ignore[override]
        """See `classification_measure`."""
        return classification_measure(truth, predictions.probabilities, self.labels, self.spec.positive)

    def scores(  # type: ignore[override]
        self, truth: NDArray[Any], predictions: ClassPredictions, resamples: int, confidence: float, seed: int
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

    def baselines(self, train: Samples, truth: NDArray[Any], asked: Samples, seed: int) -> dict[str, Predictions]:
        """Majority class, and logistic regression: on n-grams, or on means, deviations and ends of vectors."""
        truth = likeliest(truth)
        known, other = (self.pipeline.baseline_numbers(rows) for rows in (train, asked))
        if known is not None and other is not None:
            found = vector_classification_baselines(known, truth, other, len(self.labels))
        else:
            texts = self.pipeline.baseline_texts(train), self.pipeline.baseline_texts(asked)
            pairs = self.pipeline.baseline_pairs(train), self.pipeline.baseline_pairs(asked)
            by_class, branch = self.main_score == "f1_macro", self.pipeline.wide
            found = classification_baselines(
                texts[0], truth, texts[1], len(self.labels), seed, by_class, branch, pairs if pairs[0] else None
            )
        return {name: self._predictions(probabilities) for name, probabilities in found.items()}

    def row_losses(self, truth: NDArray[Any], predictions: ClassPredictions) -> NDArray[np.float64]:  # type: ignore[override]
        """Negative log probability of the true class."""
        own = predictions.probabilities[np.arange(len(truth)), truth]
        losses: NDArray[np.float64] = -np.log(np.maximum(own, np.finfo(np.float32).tiny))
        return losses

    def made_targets(self, inputs: Mapping[str, Any]) -> NDArray[np.int64]:
        """Each class in turn."""
        return np.arange(len(next(iter(inputs.values()))), dtype=np.int64) % len(self.labels)

    @property
    def kind(self) -> str:
        """`3 classes`."""
        return f"{len(self.labels)} classes"

    @property
    def hub_task(self) -> str:
        """Of texts."""
        return "text-classification" if self.pipeline.row == "text" else ""

    def use(self) -> str:
        """Which classes there are."""
        return f"Puts {self.pipeline.noun} into one of {len(self.labels)} classes: {', '.join(self.labels)}."

    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """Confusions, scores of each class, errors by length, calibration, worst errors."""
        truth, predictions, known = tested.truth, tested.predictions, tested.language
        answers, probabilities = predictions.answers, predictions.probabilities
        wrong = truth != answers
        mistakes = Mistakes(
            losses=self.row_losses(truth, predictions),
            wrong=wrong,
            truth=lambda row: self._said(truth[row], probabilities[row], known),
            prediction=lambda row: self._said(answers[row], probabilities[row], known),
            weighed=weighed_cell(self.pipeline, tested.samples, answers, tested.wide, known)
            or occluded_cell(tested.occluded, known),
        )
        classes = (
            confusion_table(truth, answers, self.labels, known),
            class_table(tested.scores, truth, self.labels, known),
        )
        where = (length_table(tested.samples, wrong.astype(float)), calibration(probabilities, ~wrong))
        worst = worst_table(tested.samples, tested.where, mistakes, known)
        return [
            ("Classes", tag("div", *classes, class_="beside")),
            ("Where it is wrong", tag("div", *where, class_="beside")),
            *([("Worst errors", worst)] if worst else []),
        ]

    def _said(self, place: int, probabilities: NDArray[np.float64], language: str) -> Html:
        share = tag("small", f"{100 * probabilities[int(place)]:.1f} %")
        return tag("span", inline(self.labels[int(place)], language), " ", share)

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

    @property
    def torch_answers(self) -> dict[str, dict[str, Any]]:
        """`label`, the place of the likeliest class, and `probabilities`."""
        return {
            "label": {"dtype": "int64", "shape": ["batch"]},
            "probabilities": {"dtype": "float32", "shape": ["batch", len(self.labels)]},
        }

    def in_torch(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """See `torch_answers`."""
        return {"label": outputs["logits"].argmax(-1), "probabilities": outputs["logits"].softmax(-1)}

    def of_torch(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """With the names of the labels."""
        return {**answers, "label": np.array(self.labels, dtype=object)[answers["label"]]}

    def state(self) -> dict[str, Any]:
        """The class names in the order of the logits."""
        return {"labels": list(self.labels)}

    def describe(self) -> dict[str, Any]:
        """The class names."""
        return {**super().describe(), "labels": list(self.labels)}
