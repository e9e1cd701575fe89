"""Whether the file of a translation says and writes what the model does: token by token, in its loop, and by a beam."""

# N rows, V vocabulary

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from kerasseq_runtime.searches.beam_search import BeamSearch
from kerasseq_runtime.searches.filters import forbid, log_softmax
from kerasseq_runtime.translating import TextStepper, Translating

from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.proof import BATCHES, TOLERANCE, Proof, spread
from kerasseq.tasks.translating import Translating as KerasTranslating
from kerasseq.tokenizers.tokenizer import PADDING, SEPARATOR, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.exporters.onnx.model import OnnxFile
    from kerasseq.trained import TrainedModel

__all__ = ["metadata_of", "prove_translation", "rows_of", "walk"]

MOST = 64
"""Rows that are looked at, evenly spread."""

BEAM, SEARCHED = 3, 8
"""Width of the beam of the proof, and rows that it searches."""

ROUNDING = 10
"""What the log probability of a token may differ by in a search, where near ties may be chosen otherwise: so many times
what a probability may."""


@dataclass(frozen=True)
class _Walked:
    """What the model writes, always the likeliest token.

    Attributes:
        ids: Of each row, `(T,)`, without what ends it.
        margins: How far the chosen token lay before the next one, in probability, where it was closest, `(N,)`.
        apart: The largest difference of a probability.
        row: Where that was.
        token: And at which token, from 1.
    """

    ids: list[list[int]]
    margins: NDArray[np.float64]
    apart: float
    row: int
    token: int


def prove_translation(
    name: str, trained: TrainedModel, samples: Any, session: Any, file: OnnxFile, tolerance: float = TOLERANCE
) -> Proof:
    """Compare a file with the model on test rows and on made ones.

    Args:
        name: What to call the file in messages.
        trained: The model.
        samples: Its test rows, or none.
        session: The open file.
        file: What it was opened from.
        tolerance: Largest difference of a probability.

    Raises:
        Refused: They differ.
    """
    pipeline: Any = trained.task.pipeline
    model = KerasTranslating(trained.model, pipeline, BeamSearch(BEAM))
    metadata = metadata_of(pipeline, file)
    some, made = rows_of(pipeline, samples, MOST)
    largest = 0.0
    for asked in (some, made):
        if not len(asked):
            continue
        feeds = file.inside.feeds(asked)
        tokens = pipeline.encode(asked)[0]["tokens"]
        stepper = model.stepper(tokens.padded(np.arange(len(asked)), max(int(tokens.lengths.max()), 1)))
        texts = tokens.lengths > 0
        walked = walk(stepper, TextStepper(session, metadata, feeds), texts, pipeline.longest + 1)
        if not walked.apart <= tolerance:
            said = f"token {walked.token} about {asked.shown(walked.row)[:60]!r} differs by {walked.apart:.1e}"
            raise Refused(f"{name}: must say what the model says, {said}; nothing was written")
        largest = max(largest, walked.apart)
        _check_loop(name, pipeline, asked, walked, Translating(session, metadata, None), feeds, tolerance)
        _check_beam(name, asked, texts, stepper, Translating(session, metadata, BeamSearch(BEAM)), feeds, tolerance)
    return Proof(len(some), len(made), largest, "text")


def rows_of(pipeline: Any, samples: Any, most: int) -> tuple[Any, Any]:
    """Test rows and made ones, evenly spread."""
    some, made = (rows.take(spread(len(rows), most)) for rows in (samples, pipeline.made()))
    return some, made


def metadata_of(pipeline: Any, file: OnnxFile) -> dict[str, Any]:
    """What the file says about itself, as a reader has it."""
    return {
        "decoder": dict(file.decoder),
        "separator": SEPARATOR,
        "spelling": pipeline.spelling.as_json(),
    }


def walk(ours: Any, its: TextStepper, texts: NDArray[np.bool_], most: int) -> _Walked:
    """Let both read what the model writes about those rows that are a text, step by step."""
    rows, going = len(texts), texts.copy()
    prompts = [np.zeros(0, dtype=np.int64)] * rows
    (own, state), (other, other_state) = ours.start(prompts), its.start(prompts)
    ids: list[list[int]] = [[] for _ in range(rows)]
    margins = np.full(rows, np.inf)
    largest, where, token = 0.0, 0, 0
    for step in range(1, most + 1):
        gains, others = (log_softmax(np.asarray(each, dtype=np.float64)) for each in (own, other))
        apart = np.where(going, np.abs(np.exp(gains) - np.exp(others)).max(axis=1), 0.0)
        if not apart.max() <= largest:
            largest, where, token = float(apart.max()), int(apart.argmax()), step
        allowed = np.exp(forbid(gains, (PADDING, UNKNOWN)))
        first, second = np.sort(allowed, axis=1)[:, ::-1][:, :2].T
        margins = np.where(going, np.minimum(margins, first - second), margins)
        chosen = allowed.argmax(axis=1)
        going &= chosen != SEPARATOR
        for row in np.flatnonzero(going):
            ids[row].append(int(chosen[row]))
        if not going.any():
            break
        (own, state), (other, other_state) = ours.step(chosen, state), its.step(chosen, other_state)
    return _Walked(ids, margins, largest, where, token)


def _check_loop(
    name: str,
    pipeline: Any,
    asked: Any,
    walked: _Walked,
    its: Translating,
    feeds: Mapping[str, Any],
    tolerance: float,
) -> None:
    """Raise unless the loop in the file writes what was walked, whatever is beside a text; but for near ties."""
    wanted = [pipeline.written(ids) for ids in walked.ids]
    for size in BATCHES:
        rows = 0 if not size else min(len(asked), SEARCHED * size)
        for start in range(0, max(rows, 1), max(size, 1)):
            part = slice(start, min(start + size, rows))
            found = its.write({key: value[part] for key, value in feeds.items()})["translation"]
            if len(found) != part.stop - start:
                raise Refused(f"{name}: must write about each of {part.stop - start} texts, got {len(found)}")
            for row, text in enumerate(found, start=start):
                if text != wanted[row] and walked.margins[row] > tolerance:
                    said = f"about {asked.shown(row)[:60]!r} {wanted[row][:60]!r}, it wrote {text[:60]!r}"
                    raise Refused(f"{name}: must write what the model writes, {said}; nothing was written")


def _check_beam(
    name: str,
    asked: Any,
    texts: NDArray[np.bool_],
    stepper: Any,
    its: Translating,
    feeds: Mapping[str, Any],
    tolerance: float,
) -> None:
    """Raise unless a beam over the file's steps finds texts as likely as one over the model's."""
    prompts = [np.zeros(0, dtype=np.int64)] * len(asked)
    search: Any = its.search
    wanted, found = search.write(stepper, prompts, its.limits), its.searched(feeds)
    for row, (mine, yours) in enumerate(zip(wanted, found, strict=True)):
        if not texts[row]:
            continue
        length = max(len(mine[0].ids), len(yours[0].ids)) + 1
        if not abs(mine[0].log_probability - yours[0].log_probability) <= ROUNDING * tolerance * length:
            said = f"{mine[0].log_probability:.4f} about {asked.shown(row)[:60]!r}, got {yours[0].log_probability:.4f}"
            raise Refused(f"{name}: must find texts by a beam as likely as the model's, {said}; nothing was written")
