"""Which texts the proof asks about: the run's own test rows, and those on which models break."""

# N texts

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kerasseq.corpus.text import TextPath, Texts
from kerasseq.errors import DataError, KerasseqError
from kerasseq.experiment import read_again
from kerasseq.exporters.proof import unit_of
from kerasseq.run_directory import RunDirectory
from kerasseq.tokenizers.tokenizer import SPECIALS, UNKNOWN
from kerasseq.trained import TrainedModel
from kerasseq.verify.sample import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["draw"]

ODD = ("ᚠᚢᚦᚨᚱ ᚲᚷᚹ", "ꙮꙮꙮ ꔀꔁ", "\U0001f9ff\U0001faa4", "\ue000\ue001 \ue002")
"""Texts that hardly any vocabulary holds: runes, rare letters, pictures, characters of nobody."""

LONGEST = 1 << 17
"""Most characters of the long text."""


def draw(trained: TrainedModel, run: RunDirectory, rows: int) -> Sample:
    """`rows` test texts, evenly spread, and an empty, an unknown and a long one with targets of the others.

    Where the run's data is gone or another by now, the texts are made of its vocabulary.

    Args:
        trained: The model.
        run: Its directory.
        rows: 1 or more; all test texts where there are fewer.
    """
    try:
        texts, targets, source = _rows(trained, run, rows)
    except (KerasseqError, OSError) as cause:
        said = (str(cause).splitlines() or [type(cause).__name__])[0]
        texts, targets = _made(trained, rows)
        source = f"{len(texts)} texts made of the vocabulary, because the run's rows cannot be read: {said}"
    odd = ["", _unknown(trained.text), _long(trained.text, texts.first)]
    texts = Texts([*texts.first, *odd], [*texts.second, *odd] if texts.second else ())
    targets = targets[np.arange(len(texts)) % len(targets)]
    inputs, _ = trained.text.encode(texts)
    precision = trained.experiment.general.precision
    source = f"{source}, and an empty, an unknown and a long text"
    return Sample(texts, inputs, targets, trained.task.labels, unit_of(trained.task), precision, source)


def _rows(trained: TrainedModel, run: RunDirectory, rows: int) -> tuple[Texts, NDArray[Any], str]:
    """Of the test side, or of another where the run has no test rows."""
    tables = read_again(trained.experiment, run)
    for side in ("test", "validation", "train"):
        table = tables[side]
        if table.num_rows:
            places = np.linspace(0, table.num_rows - 1, min(rows, table.num_rows)).astype(np.int64)
            table = table.take(pa.array(places))
            return Texts.of(table).take(range(len(places))), trained.task.encode(table), f"{len(places)} {side} rows"
    raise DataError("dataset: must have rows, got none")


def _made(trained: TrainedModel, rows: int) -> tuple[Texts, NDArray[Any]]:
    """Texts of random tokens, and targets that the task may have met."""
    random = np.random.default_rng(0)
    tokenizer = trained.text.tokenizer
    known = np.arange(len(SPECIALS), max(len(tokenizer.vocabulary), len(SPECIALS) + 1))

    def text() -> str:
        return tokenizer.decode(random.choice(known, random.integers(1, min(tokenizer.max_length, 60) + 1)).tolist())

    second = [text() for _ in range(rows)] if trained.text.pair != "single" else ()
    return Texts([text() for _ in range(rows)], second), trained.task.encode(_targets(trained, rows))


def _targets(trained: TrainedModel, rows: int) -> pa.Table:
    labels, state = trained.task.labels, trained.task.state()
    if labels:
        values: list[Any] = [labels[row % len(labels)] for row in range(rows)]
    else:
        middle, width = state["mean"], state["deviation"]
        low, high = getattr(trained.experiment.task, "range", ()) or (middle - 2 * width, middle + 2 * width)
        values = np.linspace(low, high, rows).tolist()
    return pa.table({"target": values, "source": ["made"] * rows, "line": range(1, rows + 1)})


def _unknown(text: TextPath) -> str:
    """A text of tokens outside the vocabulary; of a tokenizer that knows everything, one that it has hardly met."""
    for odd in ODD:
        ids = _ids(text, odd)
        if len(ids) and (ids == UNKNOWN).all():
            return odd
    return ODD[0]


def _long(text: TextPath, texts: Any) -> str:
    """A text of more tokens than the model reads, if so many fit into `LONGEST` characters."""
    long = " ".join(filter(None, texts)) or "a"
    while len(_ids(text, long)) < text.tokenizer.max_length and len(long) < LONGEST:
        long = f"{long} {long}"
    return f"{long} {long}"


def _ids(text: TextPath, one: str) -> NDArray[np.int32]:
    return text.tokenizer.encode(text.preprocess([one])).ids[0]
