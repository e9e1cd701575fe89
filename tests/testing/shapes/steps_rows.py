"""Rows of `steps`: sequences of vectors, on their way into a model."""

from dataclasses import dataclass

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.samples import Samples
from kerasseq.pipelines.pipeline import InGraph, Pipeline
from kerasseq.pipelines.text_in_graph import without_last_row


@dataclass(frozen=True)
class Vectors(Samples):
    rows: list

    def __len__(self):
        return len(self.rows)

    def take(self, rows):
        return Vectors([self.rows[row] for row in rows])

    def columns(self, rows):
        return {"vectors": [each.tolist() for each in self.rows[rows]]}

    def shown(self, row):
        return f"{len(self.rows[row])} vectors"


class Steps(Pipeline):
    max_length = 6
    names = ("vectors",)
    dimension = 2

    def samples(self, table):
        return self.given(table["vectors"].to_pylist())

    def given(self, rows):
        return Vectors([np.asarray(row, np.float32).reshape(-1, 2) for row in rows])

    def fit(self, samples):
        pass

    def encode(self, samples, on_disk=False):
        cut = [row[: self.max_length] for row in samples.rows]
        return {"vectors": Ragged.from_lists(cut, "float32", (2,))}, len(samples)

    def made(self):
        return self.random(4)

    def random(self, rows):
        return self.given(np.random.default_rng(1).normal(size=(rows, 3, 2)))

    def odd(self, samples):
        return Vectors([*samples.rows, np.zeros((0, 2), np.float32), np.ones((50, 2), np.float32)])

    def in_graph(self):
        return StepsInGraph(self)

    def save(self, folder):
        pass


class StepsInGraph(InGraph):
    takes = "vectors"

    def __init__(self, pipeline):
        self.pipeline = pipeline

    def inputs(self, graph):
        x = graph.input("vectors", "float32", ["batch", "time", 2])
        lengths = graph.input("lengths", "int64", ["batch"])
        x = graph.node("Pad", x, graph.constant([0, 0, 0, 1, 0, 0], "int64"))  # (B + 1, T, 2)
        steps = graph.node("Pad", lengths, graph.constant([0, 1], "int64"))
        zero, one = (graph.constant(np.int64(n)) for n in (0, 1))
        time = graph.node("Squeeze", graph.size(x, 1))
        places = graph.node("Unsqueeze", graph.node("Range", zero, time, one), graph.constant([0], "int64"))
        valid = graph.node("Less", places, graph.node("Unsqueeze", steps, graph.constant([1], "int64")))
        self.count(graph, without_last_row(graph, steps))
        return {"vectors": x, "vectors_mask": valid}

    def count(self, graph, steps):
        graph.output("length", "int64", ["batch"], steps)

    def feeds(self, samples):
        vectors = self.pipeline.encode(samples)[0]["vectors"]
        longest = max(1, int(vectors.lengths.max(initial=0)))
        return {"vectors": vectors.padded(np.arange(len(samples)), longest), "lengths": vectors.lengths}


class CountsNoSteps(Steps):
    def in_graph(self):
        return CountsNoStepsInGraph(self)


class CountsNoStepsInGraph(StepsInGraph):
    def count(self, graph, steps):
        graph.output("length", "int64", ["batch"], graph.node("Mul", steps, graph.constant(np.int64(2))))
