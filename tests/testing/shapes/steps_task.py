"""What the Specs of `steps` build."""

# N rows, B batch, T time, K tags

from dataclasses import dataclass

import keras
import numpy as np
import steps_rows
from keras import ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.metrics.bootstrap import bootstrap_scores
from kerasseq.model import read_steps
from kerasseq.runtime.columns import AnswerColumn
from kerasseq.tasks.predictions import Predictions
from kerasseq.tasks.task import Output, Task, target_error


@dataclass(frozen=True)
class Tags(Predictions):
    names: tuple
    probabilities: list  # (T, K) a row

    def __len__(self):
        return len(self.probabilities)

    def take(self, rows):
        places = range(len(self))[rows] if isinstance(rows, slice) else rows
        return Tags(self.names, [self.probabilities[row] for row in places])

    @property
    def best(self):
        return [row.argmax(-1) for row in self.probabilities]

    def arrays(self):
        names = np.array(self.names, dtype=object)
        return {"tags": [names[row] for row in self.best], "probabilities": self.probabilities}


class Steps(Task):
    name = "steps"
    main_score = "accuracy"
    kind = "tags"

    def __init__(self, tags):
        self.tags = tuple(tags)
        self.pipeline = steps_rows.Steps()
        self.outputs = (Output("logits", ("batch", "time", len(self.tags)), of="vectors"),)

    def targets(self, table):
        known = {tag: place for place, tag in enumerate(self.tags)}
        rows = table["target"].to_pylist()
        wrong = [(n, "must be tags") for n, row in enumerate(rows) if row is None or not set(row) <= set(known)]
        if wrong:
            raise target_error(table, wrong)
        return Ragged.from_lists([[known[tag] for tag in row] for row in rows], "int64")

    def build_model(self, parts):
        [steps] = read_steps(parts, self.pipeline)
        logits = keras.layers.Dense(len(self.tags), name="logits")(steps.x)
        return keras.Model(steps.inputs, {"logits": logits})

    def loss(self, outputs, targets):
        valid = ops.cast(targets >= 0, "float32")  # (B, T)
        entropy = self.entropy(outputs, targets) * valid
        return ops.sum(entropy, axis=1) / ops.maximum(ops.sum(valid, axis=1), 1)

    def entropy(self, outputs, targets):
        return ops.sparse_categorical_crossentropy(ops.maximum(targets, 0), outputs["logits"], from_logits=True)

    def decode(self, outputs):
        powers = [np.exp(row.astype(np.float64)) for row in outputs["logits"]]
        return Tags(self.tags, [row / row.sum(-1, keepdims=True) for row in powers])

    def read(self, arrays):
        return Tags(self.tags, [np.asarray(row, np.float64) for row in arrays["probabilities"]])

    @property
    def answer_columns(self):
        return (AnswerColumn("prediction", "tags"),)

    @property
    def answer_axes(self):
        return {"tags": ("batch", "time"), "probabilities": ("batch", "time", len(self.tags))}

    def made_targets(self, inputs):
        return Ragged(np.zeros(len(inputs["vectors"].flat), np.int64), inputs["vectors"].offsets)

    def truth_column(self, truth):
        return [[self.tags[place] for place in truth[row]] for row in range(len(truth))]

    def shares(self, truth, predictions):
        """Share of right steps of each row."""
        return np.array([(truth[row] == best).mean() for row, best in enumerate(predictions.best)])

    def quick_scores(self, truth, predictions):
        return {"accuracy": float(self.shares(truth, predictions).mean())}

    def measure(self, truth, predictions):
        shares = self.shares(truth, predictions)
        return lambda draws: {"accuracy": shares[draws].mean(axis=1)}

    def scores(self, truth, predictions, resamples, confidence, seed):
        measure = self.measure(truth, predictions)
        return bootstrap_scores(measure, len(truth), {}, resamples=resamples, confidence=confidence, seed=seed)

    def baselines(self, train, truth, asked, seed):
        share = np.bincount(truth.flat, minlength=len(self.tags)) / len(truth.flat)
        inputs, _ = self.pipeline.encode(asked)
        return {"majority": Tags(self.tags, [np.tile(share, (n, 1)) for n in inputs["vectors"].lengths])}

    def row_losses(self, truth, predictions):
        return 1 - self.shares(truth, predictions)

    def use(self):
        return "Tags vectors."

    def sections(self, tested):
        return []

    def to_onnx(self, graph, outputs):
        best = graph.node("ArgMax", outputs["logits"], axis=2, keepdims=0)
        names = graph.node("Gather", graph.constant(list(self.tags)), best)
        graph.output("tags", "string", ["batch", "time"], names)
        shares = graph.node("Softmax", outputs["logits"], axis=2)
        graph.output("probabilities", "float32", ["batch", "time", len(self.tags)], shares)

    def state(self):
        return {"tags": list(self.tags)}


class CountsPadding(Steps):
    def loss(self, outputs, targets):
        return ops.mean(self.entropy(outputs, targets), axis=1)


class NotFiniteAlone(Steps):
    def loss(self, outputs, targets):
        valid = ops.cast(targets >= 0, "float32")
        return ops.sum(self.entropy(outputs, targets) * valid, axis=1) / ops.sum(valid, axis=1)


class SaysOneTag(Steps):
    @property
    def answer_axes(self):
        return {**super().answer_axes, "probabilities": ("batch", len(self.tags))}


class ForgetsProbabilities(Steps):
    def read(self, arrays):
        return Tags(self.tags, [np.round(row, 1) for row in super().read(arrays).probabilities])


class CountsNoSteps(Steps):
    def __init__(self, tags):
        super().__init__(tags)
        self.pipeline = steps_rows.CountsNoSteps()
