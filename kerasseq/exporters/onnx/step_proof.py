"""Whether the file of a language model says what the model says, read in one piece, in several, and token by token."""

# N rows, T their tokens, V vocabulary

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from kerasseq_runtime.searches.filters import log_softmax
from kerasseq_runtime.stepper import FileStepper

from kerasseq.corpus.passages import Passages
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.proof import BATCHES, TOLERANCE, Proof, spread
from kerasseq.tokenizers.tokenizer import SEPARATOR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.trained import TrainedModel

__all__ = ["PIECES", "SINGLE", "ids_of", "prove_steps", "rows_of", "said_by", "walk"]

MOST = 64
"""Test passages that a proof looks at, evenly spread."""

LONGEST = 2_000
"""Characters of a made text that are read: many more pieces say no more of a state."""

SINGLE = 40
"""Tokens of a row that are read one by one; what comes behind them in pieces."""

PIECES: dict[int, Callable[[int], Iterator[int]]] = {
    1: lambda length: iter([length]),
    3: lambda length: _ends(length, 0, 997),
    64: lambda length: _ends(length, SINGLE, 211),
}
"""Of each size of a batch, where the pieces of a row end."""


def _ends(length: int, single: int, size: int) -> Iterator[int]:
    yield from range(1, min(single, length) + 1)
    yield from range(min(single, length) + size, length, size)
    if length > single:
        yield length


def prove_steps(
    name: str, trained: TrainedModel, samples: Any, stepper: FileStepper, tolerance: float = TOLERANCE
) -> Proof:
    """Compare what a file says behind each piece with the model that read the whole row.

    Args:
        name: What to call the file in messages.
        trained: The model.
        samples: Its test rows, or none; each is read as a document here.
        stepper: The file.
        tolerance: Largest difference of a probability.

    Raises:
        Refused: They differ; or the file reads or spells a text as other tokens.
    """
    pipeline: Any = trained.task.pipeline
    some, made = rows_of(pipeline, samples)
    largest = 0.0
    for asked in (some, made):
        read, following = ids_of(pipeline, asked)
        _check_texts(name, pipeline, asked, following, stepper)
        # One by one: what is joined goes on behind the row before it
        alone = (trained.answer(asked.take([row])).predictions.arrays() for row in range(len(asked)))
        wanted = [np.exp(np.float64(arrays["log_probability"][0])) for arrays in alone]
        for size in BATCHES[1:]:
            for row, place, probability in said_by(stepper, read, following, size, PIECES[size]):
                apart = abs(probability - float(wanted[row][place]))
                if not apart <= tolerance:
                    said = f"token {place + 1} of {asked.shown(row)[:60]!r} differs by {apart:.1e}"
                    raise Refused(f"{name}: must say what the model says, {said}; nothing was written")
                largest = max(largest, apart)
    none, _ = stepper.read([], stepper.zeros(0))
    if none.shape != (0, stepper.vocabulary_size):
        raise Refused(f"{name}: must answer a batch of no rows with none, got {none.shape}")
    return Proof(len(some), len(made), largest, "passage")


def rows_of(pipeline: Any, samples: Any) -> tuple[Passages, Passages]:
    """Test rows and made ones."""
    made = pipeline.made()
    some = samples.take(spread(len(samples), MOST)) if len(samples) else Passages([])
    return some, replace(made, first=[text[:LONGEST] for text in made.first])


def ids_of(pipeline: Any, asked: Passages) -> list[list[NDArray[np.int64]]]:
    """Of each row the ids that are read, and those that follow each."""
    inputs, _ = pipeline.encode(asked)
    return [[inputs[name][row].astype(np.int64) for row in range(len(asked))] for name in ("tokens", "next")]


def said_by(
    stepper: FileStepper,
    read: Sequence[NDArray[np.int64]],
    following: Sequence[NDArray[np.int64]],
    size: int,
    ends: Callable[[int], Iterator[int]],
) -> Iterator[tuple[int, int, float]]:
    """Rows in batches: row, place of the last token that was read, and the probability of the one that follows it."""
    for start in range(0, len(read), size):
        for row, place, scores in walk(stepper, read[start : start + size], ends):
            gains = log_softmax(scores[None])[0]
            yield start + row, place, float(np.exp(gains[following[start + row][place]]))


def walk(
    stepper: FileStepper, rows: Sequence[NDArray[np.int64]], ends: Callable[[int], Iterator[int]]
) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
    """Read rows side by side, a piece at a time: row, place of the last token that was read, logits `(V,)`."""
    left = {row: list(ends(len(ids))) for row, ids in enumerate(rows) if len(ids)}
    done, going = dict.fromkeys(left, 0), list(left)
    state = stepper.zeros(len(going))
    while going:
        scores, state = stepper.read([rows[row][done[row] : left[row][0]] for row in going], state)
        for place, row in enumerate(going):
            done[row] = left[row].pop(0)
            yield row, done[row] - 1, scores[place].astype(np.float64)
        kept = [place for place, row in enumerate(going) if left[row]]
        state = stepper.take(state, np.array(kept, dtype=np.int64))
        going = [going[place] for place in kept]


def _check_texts(
    name: str, pipeline: Any, asked: Passages, following: Sequence[NDArray[np.int64]], stepper: FileStepper
) -> None:
    """Raise unless the file reads and spells texts as the pipeline does."""
    for row, ids in enumerate(following):
        if pipeline.spelling.decode(ids[:-1].tolist()) != pipeline.tokenizer.decode(ids[:-1].tolist()):
            raise Refused(f"{name}: must spell as the tokenizer does, {asked.shown(row)[:60]!r} differs")
    if not stepper.reads_text:
        return
    for row, got in enumerate(stepper.text_ids(list(asked.first))):
        if not np.array_equal(got, [SEPARATOR, *following[row][:-1]]):
            raise Refused(f"{name}: must cut texts as the tokenizer does, {asked.shown(row)[:60]!r} differs")
