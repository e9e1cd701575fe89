"""What a model says about every row of a corpus."""

# N rows, T time

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasseq.backend.engine import Engine
from kerasseq.corpus.batches import sorted_batches
from kerasseq.corpus.encoded import EncodedCorpus

__all__ = ["predict"]


def predict(engine: Engine, corpus: EncodedCorpus, batch_size: int) -> tuple[dict[str, Any], float]:
    """Outputs of every row in the order of the corpus, and the mean loss.

    Rows are sorted by length over the whole corpus and put back; outputs with a time axis, as attention weights, are
    cut to their rows and come as a list of arrays.
    """
    collected: dict[str, list[Any]] = {}
    loss = weight = 0.0
    for rows in sorted_batches(corpus.lengths, batch_size):
        found = engine.forward(corpus.batch(rows, engine.lengths, batch_size if engine.fixed_batch else 0))
        loss += found.loss
        weight += found.weight
        for name, array in found.outputs.items():
            into = collected.setdefault(name, [None] * len(corpus))
            for row, value in zip(rows, array, strict=True):
                into[row] = value
    outputs = {name: _stack(name, values, corpus) for name, values in collected.items()}
    return outputs, loss / weight if weight else math.nan


def _stack(name: str, values: list[Any], corpus: EncodedCorpus) -> Any:
    if not name.startswith("attention"):
        return np.stack(values)
    lengths = corpus.inputs[1 if name.endswith("_2") else 0].lengths
    return [value[: int(length)] for value, length in zip(values, lengths, strict=True)]
