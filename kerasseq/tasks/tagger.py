"""The built tagging task."""

# N rows, B batch, T time, K tags

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from kerasseq.arrays.column import Column
from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.tag_schemes import allowed
from kerasseq.layers.chain import Chain, negative_log_likelihood
from kerasseq.layers.crf import CRF
from kerasseq.metrics.bootstrap import Measure
from kerasseq.metrics.scores import Score
from kerasseq.metrics.tagging import tagging_measure, tagging_scores
from kerasseq.metrics.tagging_baselines import tagging_baselines
from kerasseq.model import Parts, read_steps
from kerasseq.report.markup import Html, tag
from kerasseq.report.tags import tag_confusions, tag_table, worst_rows
from kerasseq.runtime.columns import AnswerColumn
from kerasseq.tasks.margins import best_tags, chain_margins
from kerasseq.tasks.predictions import MARGIN, Predictions
from kerasseq.tasks.task import Output, Task, Tested, target_error

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.samples import Samples
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.tasks.tagging import Tagging

__all__ = ["TagPredictions", "Tagger"]


@dataclass(frozen=True)
class TagPredictions(Predictions):
    """A tag for each step.

    Attributes:
        labels: The K tags.
        tags: Of each row the places of its tags, `(T,)`.
        scores: Of each row the scores `(T, K)`; empty where only the tags are known.
        chain: Transitions, start and end `(K + 2, K)` of a model with a chain.
    """

    labels: tuple[str, ...]
    tags: Sequence[NDArray[np.int64]]
    scores: Sequence[NDArray[np.float32]] = ()
    chain: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.tags)

    def take(self, rows: Any) -> TagPredictions:
        """Those at `rows`."""
        places = range(len(self))[rows] if isinstance(rows, slice) else rows
        scores = [self.scores[i] for i in places] if len(self.scores) else ()
        return TagPredictions(self.labels, [self.tags[i] for i in places], scores, self.chain)

    @property
    def names(self) -> list[list[str]]:
        """The tags of each row."""
        return [[self.labels[i] for i in row] for row in self.tags]

    def arrays(self) -> dict[str, Any]:
        """`tags`, an array of strings a row, and `scores` where they are known."""
        names = np.array(self.labels, dtype=object)
        found: dict[str, Any] = {"tags": [names[row] for row in self.tags]}
        return found | ({"scores": list(self.scores)} if len(self.scores) else {})

    @property
    def units(self) -> Mapping[str, float]:  # type: ignore[override]
        """Scores by their largest, where that is more than 1."""
        return {"scores": max((float(np.abs(row).max(initial=1.0)) for row in self.scores), default=1.0)}

    def sure(self) -> NDArray[np.bool_]:
        """Whether every other tagging of a row scores less by more than `MARGIN`."""
        if not len(self.scores):
            return np.ones(len(self), dtype=bool)
        return chain_margins(self.scores, self.chain) > MARGIN

    def shown(self, row: int) -> str:
        """The tags with spaces between."""
        return " ".join(self.labels[i] for i in self.tags[row])


class Tagger(Task):
    """A tag for each step, chosen by itself or by a chain.

    The model's outputs are `scores` `(B, T, K)`, and with a chain `tags` `(B, T)` and `chain` `(B, K + 2, K)`, the same
    for each row: transitions, start and end.
    """

    name = "tagging"

    def __init__(
        self, spec: Tagging, pipeline: Pipeline, labels: tuple[str, ...], scheme: Any, free: bool = False
    ) -> None:
        self.spec = spec
        self.pipeline = pipeline
        self.labels = labels
        self.scheme = scheme
        self.free = free
        self.main_score = "accuracy" if scheme == "none" else "f1"
        self._index = {label: i for i, label in enumerate(labels)}
        of, count = pipeline.names[0], len(labels)
        scores = Output("scores", ("batch", "time", count), of, unit=0)
        chain = (
            Output("tags", ("batch", "time"), of),
            Output("chain", ("batch", count + 2, count), unit=0, constant=True),
        )
        self.outputs = (scores, *(chain if spec.head == "crf" else ()))

    def targets(self, table: pa.Table) -> Ragged:
        """Places of the tags, one a step, int32."""
        rows, wrong = [], []
        longest = self.pipeline.max_length
        of = "tokens" if "tokens" in table.column_names else "vectors"
        for row, (tags, steps) in enumerate(zip(Column(table["target"]), Column(table[of]), strict=True)):
            places = [self._index.get(str(tag), -1) for tag in tags or ()]
            if -1 in places:
                known = ", ".join(self.labels[:20]) + (" ..." if len(self.labels) > 20 else "")
                unknown = str(tags[places.index(-1)])
                wrong.append((row, f"must be tags of the training rows ({known}), got '{unknown}'; see task.labels"))
            elif len(places) != len(steps):
                wrong.append((row, f"must be a tag for each of {len(steps)} {of}, got {len(places)}"))
            elif of == "tokens" and len(steps) > longest:
                rule = f"must have at most tokenizer.max_length = {longest:,} tokens, got {len(steps):,}"
                wrong.append((row, f"{rule}; cut it into sentences, for every token gets an answer"))
            rows.append(places)
        if wrong:
            raise target_error(table, wrong)
        return Ragged.from_lists(rows)

    def weights(self, targets: Ragged) -> NDArray[np.float32]:
        """The steps of each row: every step counts the same."""
        return targets.lengths.astype(np.float32)

    def build_model(self, parts: Parts) -> Any:
        """`scores` of each step, and a chain over them."""
        [steps] = read_steps(parts, self.pipeline)
        x = keras.layers.Dropout(self.spec.dropout, name="head_dropout", dtype="float32")(steps.x)
        scores = keras.layers.Dense(len(self.labels), name="scores", dtype="float32")(x)
        if self.spec.head == "softmax":
            return keras.Model(steps.inputs, {"scores": scores}, name="kerasseq")
        may = None if self.scheme == "none" or self.free else allowed(self.labels, self.scheme)
        masked, tags, chain = CRF(len(self.labels), may, name="chain")(scores, mask=steps.mask)
        return keras.Model(steps.inputs, {"scores": masked, "tags": tags, "chain": chain}, name="kerasseq")

    def loss(self, outputs: dict[str, Any], targets: Any) -> Any:
        """Negative log-likelihood of a row's tags over their number, `(B,)`."""
        valid = targets >= 0
        places = ops.where(valid, targets, 0)
        count = ops.maximum(ops.sum(ops.cast(valid, "float32"), axis=1), 1.0)
        scores = outputs["scores"]
        if self.spec.head == "crf":
            return negative_log_likelihood(scores, valid, places, Chain.unpacked(outputs["chain"][0])) / count
        each = ops.sparse_categorical_crossentropy(places, scores, from_logits=True)  # (B, T)
        return ops.sum(ops.where(valid, each, 0.0), axis=1) / count

    def decode(self, outputs: Mapping[str, Any]) -> TagPredictions:
        """The best tags of the chain, or of each step."""
        scores = [np.asarray(row, dtype=np.float32) for row in outputs["scores"]]
        if self.spec.head == "softmax":
            return TagPredictions(self.labels, [row.argmax(axis=1) for row in scores], scores)
        tags = [np.asarray(row, dtype=np.int64) for row in outputs["tags"]]
        chain = np.asarray(outputs["chain"])
        return TagPredictions(self.labels, tags, scores, chain[0] if len(chain) else None)

    def read(self, arrays: Mapping[str, Any]) -> TagPredictions:
        """From `tags`."""
        tags = [np.array([self._index[str(label)] for label in row], dtype=np.int64) for row in arrays["tags"]]
        return TagPredictions(self.labels, tags)

    @property
    def answer_axes(self) -> dict[str, tuple[str | int, ...]]:
        """`tags` and `scores`."""
        return {"tags": ("batch", "time"), "scores": ("batch", "time", len(self.labels))}

    @property
    def answer_columns(self) -> tuple[AnswerColumn, ...]:
        """`prediction`, a list of tags."""
        return (AnswerColumn("prediction", "tags"),)

    def made_targets(self, inputs: Mapping[str, Any]) -> Ragged:
        """Each tag in turn."""
        lengths = inputs[self.pipeline.names[0]].lengths
        return Ragged.from_lists([np.arange(length) % len(self.labels) for length in lengths])

    def truth_column(self, truth: Ragged) -> list[Any]:
        """Lists of tags."""
        return [[self.labels[i] for i in truth[row]] for row in range(len(truth))]

    def quick_scores(self, truth: Ragged, predictions: TagPredictions) -> dict[str, float]:  # type: ignore[override]
        """Accuracy, and of spans F1."""
        found = self.measure(truth, predictions)(np.arange(len(truth))[None, :])
        return {name: float(found[name][0]) for name in ("accuracy", self.main_score) if name in found}

    def measure(self, truth: Ragged, predictions: TagPredictions) -> Measure:  # type: ignore[override]
        """See `tagging_measure`."""
        return tagging_measure(self.truth_column(truth), predictions.names, self.scheme)

    def scores(  # type: ignore[override]
        self, truth: Ragged, predictions: TagPredictions, resamples: int, confidence: float, seed: int
    ) -> list[Score]:
        """See `tagging_scores`."""
        return tagging_scores(
            self.truth_column(truth),
            predictions.names,
            self.scheme,
            resamples=resamples,
            confidence=confidence,
            seed=seed,
        )

    def baselines(self, train: Samples, truth: Ragged, asked: Samples, seed: int) -> dict[str, Predictions]:
        """The most frequent tag of each token, and a linear CRF where python-crfsuite is installed."""
        tokens = [getattr(rows, "tokens", None) for rows in (train, asked)]
        if tokens[0] is None or tokens[1] is None:
            most = int(np.bincount(truth.flat, minlength=len(self.labels)).argmax())
            lengths = [len(asked.vectors[row]) for row in range(len(asked))]  # type: ignore[attr-defined]
            return {"majority": TagPredictions(self.labels, [np.full(length, most) for length in lengths])}
        found = tagging_baselines(list(tokens[0]), self.truth_column(truth), list(tokens[1]))
        return {name: self.read({"tags": tags}) for name, tags in found.items()}

    def row_losses(self, truth: Ragged, predictions: TagPredictions) -> NDArray[np.float64]:  # type: ignore[override]
        """Wrong tags of each row."""
        pairs = zip((truth[row] for row in range(len(truth))), predictions.tags, strict=True)
        return np.array([int((true != said).sum()) for true, said in pairs], dtype=np.float64)

    @property
    def kind(self) -> str:
        """`9 tags`."""
        return f"{len(self.labels)} tags"

    @property
    def hub_task(self) -> str:
        """Of sentences."""
        return "token-classification" if self.pipeline.row == "sentence" else ""

    def use(self) -> str:
        """Which tags there are."""
        return f"Gives {self.pipeline.noun} one of {len(self.labels)} tags: {', '.join(self.labels)}."

    def sections(self, tested: Tested) -> list[tuple[str, Html]]:
        """Scores of each type or tag, confusions, worst rows."""
        predictions: TagPredictions = tested.predictions
        truth = self.truth_column(tested.truth)
        tables = (tag_table(tested.scores), tag_confusions(truth, predictions.names))
        losses = self.row_losses(tested.truth, predictions)
        worst = worst_rows(tested.samples, tested.where, truth, predictions.names, losses, tested.language)
        return [
            ("Tags", tag("div", *tables, class_="beside")),
            *([("Worst rows", worst)] if worst else []),
        ]

    def to_onnx(self, graph: Graph, outputs: Mapping[str, str]) -> None:
        """`tags` `(B, T)` strings, and `scores` `(B, T, K)`; behind the end of a row they mean nothing."""
        if self.spec.head == "crf":
            best = graph.cast(outputs["tags"], "int64")
        else:
            best = graph.node("ArgMax", outputs["scores"], axis=2, keepdims=0)
        labels = graph.constant(list(self.labels))
        graph.output("tags", "string", ["batch", "time"], graph.node("Gather", labels, best))
        graph.output("scores", "float32", ["batch", "time", len(self.labels)], outputs["scores"])

    @property
    def torch_outputs(self) -> tuple[str, ...]:
        """`scores`, and of a chain its tables: the search through them is left to who opens the file."""
        return ("scores", "chain") if self.spec.head == "crf" else ("scores",)

    def of_torch(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """With the best tags of the chain, or of each step."""
        if self.spec.head == "softmax":
            return self.decode(answers).arrays()
        tags = best_tags(answers["scores"], answers["chain"][0] if len(answers["chain"]) else None)
        return self.decode({**answers, "tags": tags}).arrays()

    def state(self) -> dict[str, Any]:
        """The tags in the order of the scores, and their scheme."""
        return {"labels": list(self.labels), "scheme": self.scheme, "free": self.free}

    def describe(self) -> dict[str, Any]:
        """The tags."""
        return {**super().describe(), "labels": list(self.labels)}
