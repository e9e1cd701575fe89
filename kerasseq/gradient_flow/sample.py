"""Which rows are looked at, and how much of what training reads is padding or was cut."""

# N rows

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.batches import sorted_batches
from kerasseq.corpus.streams import Streams
from kerasseq.corpus.text import Counts
from kerasseq.pipelines.translation import PairCounts

if TYPE_CHECKING:
    from kerasseq.backend.engine import Engine
    from kerasseq.config.settings import TrainingSettings
    from kerasseq.corpus.examples import Batch, Examples

__all__ = ["batches_of", "drawn", "one_update", "padding", "truncated"]

ROWS = 32
"""Of a batch that is differentiated: what a cell did at every step is in memory."""

BATCHES = 50
"""Batches of training whose padding is counted."""


def drawn(examples: Examples, rows: int, seed: int) -> Examples:
    """Some rows, drawn without favour, in an order that is drawn too; all where there are fewer."""
    order = np.random.default_rng([seed, 1]).permutation(len(examples))[:rows]
    return examples.take(order)


def batches_of(sample: Examples, engine: Engine) -> list[Batch]:
    """All rows, those of like length together; of texts that run on the pieces that training reads, from zeros each."""
    if isinstance(sample, Streams):
        pieces = sample.sampler(ROWS, 0, 0).batches()
        steps = sum(int((piece.stops > piece.starts).sum()) for piece in pieces)
        most = max(1, round(len(pieces) * min(1.0, len(sample) / max(steps, 1))))
        places = np.linspace(0, len(pieces) - 1, most).astype(np.int64)
        return [sample.batch(pieces[place], engine.lengths) for place in places]
    return [sample.batch(rows, engine.lengths) for rows in sorted_batches(sample.lengths, ROWS)]


def one_update(sample: Examples, settings: TrainingSettings, engine: Engine) -> list[Batch]:
    """The rows of one update of training, or all where there are fewer."""
    if isinstance(sample, Streams):
        pieces = sample.sampler(settings.batch_size, 0, 0).batches()[: settings.accumulate]
        return [sample.batch(piece, engine.lengths) for piece in pieces]
    rows = np.arange(min(len(sample), settings.batch_size * settings.accumulate))
    cut = [rows[start : start + settings.batch_size] for start in range(0, len(rows), settings.batch_size)]
    return [sample.batch(some, engine.lengths) for some in cut]


def padding(examples: Examples, settings: TrainingSettings, seed: int, engine: Engine) -> float | None:
    """The share of steps that only fill up, in the batches of an epoch of training; None where rows have no steps.

    Args:
        examples: A side.
        settings: How training cuts it into batches.
        seed: Of the experiment.
        engine: Says which lengths its backend likes.
    """
    names = [
        name
        for name, values in examples.inputs.items()
        if isinstance(values, Ragged) and not (values.shape and values.flat.dtype.kind == "i")
    ]
    if isinstance(examples, Streams):
        names = names[:1]  # the token that follows each has its place
    if not names:
        return None
    batches: Sequence[Any] = examples.sampler(settings.batch_size, settings.bucket_batches, seed).batches()
    places = np.unique(np.linspace(0, len(batches) - 1, BATCHES).astype(np.int64))
    filled = room = 0
    for place in places:
        batch = examples.batch(batches[place], engine.lengths)
        filled += examples.tokens(batches[place])
        room += sum(int(np.prod(batch.inputs[name].shape[:2])) for name in names)
    return 1 - filled / room if room else None


def truncated(counts: Any) -> float | None:
    """The share of rows that lost steps to the greatest length; None where nothing is ever cut.

    Args:
        counts: What encoding did.
    """
    if isinstance(counts, PairCounts):
        return truncated(counts.sources + counts.targets)
    return counts.truncated / max(counts.texts, 1) if isinstance(counts, Counts) else None
