"""Words to ids: 0 is padding, 1 a word that training has not seen."""

import json
from dataclasses import dataclass

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.samples import Samples
from kerasseq.pipelines.pipeline import InGraph, Pipeline
from kerasseq.pipelines.readers import TokenReader

LONGEST = 12


@dataclass(frozen=True)
class Receipts(Samples):
    words: list

    def __len__(self):
        return len(self.words)

    def take(self, rows):
        return Receipts([self.words[row] for row in rows])

    def columns(self, rows):
        return {"words": [list(row) for row in self.words[rows]]}

    def shown(self, row):
        return " ".join(self.words[row])


@dataclass(frozen=True)
class Read:
    receipts: int
    words: int

    def __add__(self, other):
        return Read(self.receipts + other.receipts, self.words + other.words)

    def __str__(self):
        return f"{self.receipts} receipts of {self.words} words"


class Words(Pipeline):
    noun = "each word of a receipt"
    row = "receipt"
    example = '"2 pieces of milk"'
    max_length = LONGEST
    names = ("tokens",)

    def __init__(self, known):
        self.known = tuple(known)

    @property
    def vocabulary(self):
        return ("", "?", *self.known)

    def samples(self, table):
        return Receipts(table["tokens"].to_pylist())

    def given(self, rows):
        return Receipts([list(map(str, row)) for row in rows])

    @property
    def reader(self):
        return TokenReader()

    def fit(self, samples):
        self.known = tuple(sorted({word for row in samples.words for word in row}))

    def encode(self, samples, on_disk=False):
        ids = {word: place for place, word in enumerate(self.known, 2)}
        rows = [[ids.get(word, 1) for word in row[:LONGEST]] for row in samples.words]
        return {"tokens": Ragged.from_lists(rows)}, Read(len(rows), sum(map(len, rows)))

    def made(self):
        return Receipts([list(np.resize(self.known, length)) for length in range(1, LONGEST + 1)])

    def random(self, rows):
        return Receipts(np.random.default_rng(0).choice(self.known, (rows, 5)).tolist())

    def odd(self, samples):
        return Receipts([*samples.words, [], ["never", "seen"], ["milk"] * 40])

    def in_graph(self):
        return WordsInGraph(self)

    def save(self, folder):
        (folder / "words.json").write_text(json.dumps(self.known), encoding="utf-8")

    def describe(self):
        return {"pair": "single", "cut": r"\S+"}


class WordsInGraph(InGraph):
    takes = "tokens"

    def __init__(self, pipeline):
        self.pipeline = pipeline

    def inputs(self, graph):
        given = graph.input("tokens", "string", ["batch", "time"])
        ends = (graph.constant([n], "int64") for n in (0, LONGEST, 1))
        words = graph.node("Slice", given, *ends)
        ids = graph.node(
            "LabelEncoder",
            words,
            domain="ai.onnx.ml",
            keys_strings=["", *self.pipeline.known],
            values_int64s=[0, *range(2, len(self.pipeline.known) + 2)],
            default_int64=1,
        )
        counted = graph.cast(graph.node("Not", graph.node("Equal", ids, graph.constant(np.int64(0)))), "int64")
        length = graph.node("ReduceSum", counted, graph.constant([1], "int64"), keepdims=0)
        graph.output("length", "int64", ["batch"], length)
        return {"tokens": graph.node("Pad", ids, graph.constant([0, 0, 1, 0], "int64"))}

    def feeds(self, samples):
        wide = max([1, *map(len, samples.words)])
        rows = [row + [""] * (wide - len(row)) for row in samples.words]
        return {"tokens": np.array(rows, object).reshape(len(rows), wide)}
