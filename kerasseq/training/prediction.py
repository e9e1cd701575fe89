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
    outputs: dict[str, Any] = {}
    loss = weight = 0.0
    for rows in sorted_batches(corpus.lengths, batch_size):
        found = engine.forward(corpus.batch(rows, engine.lengths, batch_size if engine.fixed_batch else 0))
        loss += found.loss
        weight += found.weight
        for name, array in found.outputs.items():
            if not name.startswith("attention"):
                if name not in outputs:
                    outputs[name] = np.empty((len(corpus), *array.shape[1:]), dtype=array.dtype)
                outputs[name][rows] = array
                continue
            if name not in outputs:
                outputs[name] = [None] * len(corpus)
            lengths = corpus.inputs[1 if name.endswith("_2") else 0].lengths[rows]
            for row, value, length in zip(rows, array, lengths, strict=True):
                outputs[name][row] = value[:length]
    return outputs, loss / weight if weight else math.nan
