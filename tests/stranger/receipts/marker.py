"""The built task."""

# N rows, B batch, T time, K marks

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.metrics.bootstrap import bootstrap_scores
from kerasseq.model import read_steps
from kerasseq.report.markup import tag
from kerasseq.runtime.columns import AnswerColumn
from kerasseq.tasks.predictions import Predictions
from kerasseq.tasks.task import Output, Task, target_error


@dataclass(frozen=True)
class Marked(Predictions):
    names: tuple
    shares: list  # (T, K) a row

    def __len__(self):
        return len(self.shares)

    def take(self, rows):
        places = range(len(self))[rows] if isinstance(rows, slice) else rows
        return Marked(self.names, [self.shares[row] for row in places])

    @property
    def best(self):
        return [row.argmax(-1) for row in self.shares]

    def arrays(self):
        names = np.array(self.names, dtype=object)
        return {"marks": [names[row] for row in self.best], "shares": self.shares}


class Marker(Task):
    name = "marks"
    main_score = "whole"

    def __init__(self, marks, pipeline):
        self.marks = tuple(marks)
        self.pipeline = pipeline
        self.outputs = (Output("logits", ("batch", "time", len(self.marks))),)

    @property
    def kind(self):
        return f"{len(self.marks)} marks"

    def targets(self, table):
        known = {mark: place for place, mark in enumerate(self.marks)}
        rows = table["target"].to_pylist()
        wrong = [(n, "must be known marks") for n, row in enumerate(rows) if row is None or not set(row) <= set(known)]
        if wrong:
            raise target_error(table, wrong)
        return Ragged.from_lists([[known[mark] for mark in row] for row in rows])

    def build_model(self, parts):
        [steps] = read_steps(parts, self.pipeline)
        logits = keras.layers.Dense(len(self.marks), name="logits")(steps.x)
        return keras.Model(steps.inputs, {"logits": logits})

    def loss(self, outputs, targets):
        valid = ops.cast(targets >= 0, "float32")
        known = ops.maximum(targets, 0)
        entropy = ops.sparse_categorical_crossentropy(known, outputs["logits"], from_logits=True)
        return ops.sum(entropy * valid, axis=1) / ops.maximum(ops.sum(valid, axis=1), 1)

    def decode(self, outputs):
        powers = [np.exp(np.asarray(row, np.float64)) for row in outputs["logits"]]
        return Marked(self.marks, [row / row.sum(-1, keepdims=True) for row in powers])

    def read(self, arrays):
        return Marked(self.marks, [np.asarray(row, np.float64) for row in arrays["shares"]])

    @property
    def answer_columns(self):
        return (AnswerColumn("prediction", "marks"),)

    @property
    def answer_axes(self):
        return {"marks": ("batch", "time"), "shares": ("batch", "time", len(self.marks))}

    def made_targets(self, inputs):
        return Ragged(np.zeros(len(inputs["tokens"].flat), np.int64), inputs["tokens"].offsets)

    def truth_column(self, truth):
        return [[self.marks[place] for place in truth[row]] for row in range(len(truth))]

    def right(self, truth, predictions):
        return [truth[row] == best for row, best in enumerate(predictions.best)]

    def quick_scores(self, truth, predictions):
        return {"whole": float(np.mean([row.all() for row in self.right(truth, predictions)]))}

    def measure(self, truth, predictions):
        right = self.right(truth, predictions)
        whole, words = np.array([row.all() for row in right]), np.array([row.sum() for row in right])
        of = np.array([len(row) for row in right])
        return lambda draws: {
            "whole": whole[draws].mean(axis=1),
            "words": words[draws].sum(axis=1) / of[draws].sum(axis=1),
        }

    def scores(self, truth, predictions, resamples, confidence, seed):
        measure = self.measure(truth, predictions)
        return bootstrap_scores(measure, len(truth), {}, resamples=resamples, confidence=confidence, seed=seed)

    def baselines(self, train, truth, asked, seed):
        share = np.bincount(truth.flat, minlength=len(self.marks)) / len(truth.flat)
        return {"most frequent mark": Marked(self.marks, [np.tile(share, (len(row), 1)) for row in asked.words])}

    def row_losses(self, truth, predictions):
        return np.array([1 - row.mean() for row in self.right(truth, predictions)])

    def use(self):
        return "Marks the words of receipts."

    def sections(self, tested):
        return [("Receipts that are wholly right", tag("p", f"{len(tested.samples)} receipts were read."))]

    def to_onnx(self, graph, outputs):
        best = graph.node("ArgMax", outputs["logits"], axis=2, keepdims=0)
        graph.output("marks", "string", ["batch", "time"], graph.node("Gather", graph.constant(list(self.marks)), best))
        shares = graph.node("Softmax", outputs["logits"], axis=2)
        graph.output("shares", "float32", ["batch", "time", len(self.marks)], shares)

    def state(self):
        return {"marks": list(self.marks)}
