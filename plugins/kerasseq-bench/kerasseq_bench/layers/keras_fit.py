"""Stock Keras on the backend of the process: `fit` and `predict`, random batches padded to their longest text."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from kerasseq_bench.layers.card import arrived
from kerasseq_bench.layers.cells import Cell
from kerasseq_bench.layers.keras_model import build, pooling
from kerasseq_bench.layers.streams import MULTIPLE, Plan, Stream, pad, random_batches

__all__ = ["KerasFit"]


class KerasFit:
    """See `System`.

    Where each new shape compiles, on jax and on TensorFlow under XLA, batches are padded to the next multiple of 8, so
    that there are few shapes. The clock starts with the first batch: what `fit` and `predict` do before is not counted,
    for an epoch has many batches and a sample few.

    Args:
        cell: What to build.
        stream: The texts.
        jit_compile: As `compile` takes it.
    """

    def __init__(self, cell: Cell, stream: Stream, jit_compile: bool | str = "auto") -> None:
        backend = keras.backend.backend()
        self.train = cell.mode == "train"
        self.stream = stream
        compiles = backend == "jax" or jit_compile is True
        self.shapes = 4 if compiles else int(backend == "tensorflow")
        self.multiple = MULTIPLE if compiles else 1
        self.note = f"jit_compile={jit_compile}" if backend == "tensorflow" else ""
        self.plan = Plan.of(stream, random_batches(stream, cell.batch), self.multiple)
        self.model = keras.Model(*build(cell, pooling(cell, ours=False)))
        optimizer = keras.optimizers.AdamW(1e-3, weight_decay=1e-4, global_clipnorm=1.0)
        self.model.compile(optimizer, loss="mse", jit_compile=jit_compile)

    def run(self, batches: Sequence[int]) -> float:
        """Seconds that the batches with these numbers take."""
        data: Any = Batches(self, batches)
        if keras.backend.backend() == "tensorflow":
            data = data.as_tensorflow()
        clock = Clock()
        if self.train:
            self.model.fit(data, epochs=1, shuffle=False, verbose=0, callbacks=[clock])
        else:
            self.model.predict(data, verbose=0, callbacks=[clock])
        arrived()
        return time.perf_counter() - clock.start


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """The chosen batches of a system, padded when they are asked for."""

    def __init__(self, system: KerasFit, batches: Sequence[int]) -> None:
        super().__init__()
        self.system = system
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        system = self.system
        rows = system.plan.batches[self.batches[index]]
        tokens = pad(system.stream, rows, system.multiple)
        return (tokens, system.stream.targets[rows]) if system.train else (tokens,)

    def as_tensorflow(self) -> Any:
        """A `tf.data.Dataset` that knows that T differs; Keras would take the T of the first batches for granted."""
        import tensorflow as tf

        def generate() -> Iterator[tuple[Any, ...]]:
            for index in range(len(self)):
                yield self[index]

        signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, 1), tf.float32))
        made = tf.data.Dataset.from_generator(generate, output_signature=signature[: 2 if self.system.train else 1])
        return made.apply(tf.data.experimental.assert_cardinality(len(self))).prefetch(2)


class Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """Remembers when the first batch began."""

    def __init__(self) -> None:
        super().__init__()
        self.start = np.inf

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.start = min(self.start, time.perf_counter())

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.start = min(self.start, time.perf_counter())
