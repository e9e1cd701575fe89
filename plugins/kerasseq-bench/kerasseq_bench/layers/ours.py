"""Our side: genuine Keras layers with the fused kernels bound, our batches, our train step and prediction."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasseq import accelerate, explain
from kerasseq.arrays.ragged import Ragged
from kerasseq.backend.engine import make_engine
from kerasseq.backend.select import exact
from kerasseq.backend.words import still
from kerasseq.config.settings import TrainingSettings
from kerasseq.corpus.batches import BucketSampler, sorted_batches
from kerasseq.plugin import Examples
from kerasseq.training.optimizer import make_optimizer
from kerasseq_bench.layers.card import arrived
from kerasseq_bench.layers.cells import Cell
from kerasseq_bench.layers.keras_model import build, pooling
from kerasseq_bench.layers.streams import MULTIPLE, Plan, Stream

__all__ = ["Ours"]

SETTINGS = TrainingSettings(learning_rate=1e-3, weight_decay=1e-4, global_clipnorm=1.0)


class Ours:
    """See `System`. Training takes bucketed batches, prediction sorts all texts and puts the answers back by row."""

    shapes = 1

    def __init__(self, cell: Cell, stream: Stream) -> None:
        self.train, self.batch = cell.mode == "train", cell.batch
        tokens, value = build(cell, pooling(cell, ours=True))
        exact()  # the rivals may round, as is their default
        self.model = accelerate(keras.Model(tokens, {"value": value}))
        self.engine = make_engine(self.model, _loss, make_optimizer(SETTINGS), SETTINGS.global_clipnorm, 400)
        self.note = " + ".join(sorted(set(explain(self.model).values())))
        self.corpus = _corpus(stream, np.arange(len(stream.targets)))
        lengths = self.corpus.lengths
        cut = (
            BucketSampler(lengths, cell.batch, SETTINGS.bucket_batches, seed=0).batches()
            if self.train
            else sorted_batches(lengths, cell.batch)
        )
        self.plan = Plan.of(stream, cut, MULTIPLE)
        self.stream = stream

    def run(self, batches: Sequence[int]) -> float:
        """Seconds that the batches with these numbers take."""
        chosen = [self.plan.batches[i] for i in batches]
        if self.train:
            start = time.perf_counter()
            begun: deque[Any] = deque()
            for rows in chosen:
                begun.append(self.engine.begin([self.corpus.batch(rows, self.engine.lengths)]))
                while len(begun) > self.engine.ahead:
                    begun.popleft()()
            while begun:
                begun.popleft()()
            arrived()
            return time.perf_counter() - start
        part = _corpus(self.stream, np.sort(np.concatenate(chosen))).unlabelled()  # without a loss, as the rivals
        start = time.perf_counter()
        values = np.empty((len(part), 1), np.float32)
        with still():
            for rows in sorted_batches(part.lengths, self.batch):
                values[rows] = self.engine.forward(part.batch(rows, self.engine.lengths)).outputs["value"]
        return time.perf_counter() - start


def _corpus(stream: Stream, rows: Any) -> Examples:
    texts = Ragged(stream.flat, stream.offsets).take(rows)
    return Examples({"tokens": texts}, stream.targets[rows])


def _loss(outputs: dict[str, Any], targets: Any) -> Any:
    return ops.mean(ops.square(outputs["value"] - targets), axis=-1)
