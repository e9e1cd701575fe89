"""What a smaller file of a translation says and writes otherwise than the one that was proved, and at which speed."""

# N rows, V vocabulary

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from kerasseq_runtime.translating import TextStepper, Translating

from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.exporters.onnx.costs import costs
from kerasseq.exporters.onnx.translation_proof import metadata_of, rows_of, walk
from kerasseq.exporters.proof import TOLERANCE, Answers, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.exporters.onnx.model import OnnxFile

__all__ = ["translation_costs"]

ALONE = 16
"""Test rows, and made ones, that are read alone too."""

SCORED = 1000
"""Test rows whose translations are scored, evenly spread."""


def translation_costs(
    name: str, subject: Subject, before: Any, after: Any, file: OnnxFile, tolerance: float = TOLERANCE
) -> dict[str, str]:
    """Compare a smaller file with itself beside other rows, and with the float32 file.

    Args:
        name: What to call the file in messages.
        subject: What is exported.
        before: The open file of float32.
        after: The smaller one.
        file: What it was made of.
        tolerance: Largest difference of a probability beside other rows.

    Raises:
        Refused: What the smaller file says of a text hangs on those beside it.
    """
    pipeline: Any = subject.trained.task.pipeline
    metadata = metadata_of(pipeline, file)
    moved, changed = 0.0, 0.0
    for asked in rows_of(pipeline, subject.samples, ALONE):
        if not len(asked):
            continue
        feeds = file.inside.feeds(asked)
        texts = pipeline.encode(asked)[0]["tokens"].lengths > 0
        single = [{key: value[row : row + 1] for key, value in feeds.items()} for row in range(len(asked))]
        alone = _Alone([TextStepper(after, metadata, each) for each in single])
        beside = walk(alone, TextStepper(after, metadata, feeds), texts, pipeline.longest + 1)
        if not beside.apart <= tolerance:
            said = f"token {beside.token} about {asked.shown(beside.row)[:60]!r} differs by {beside.apart:.1e}"
            raise Refused(f"{name}: must say the same alone and beside others, {said}; nothing was written")
        ours, its = (TextStepper(session, metadata, feeds) for session in (before, after))
        moved, changed = max(moved, beside.apart), max(changed, walk(ours, its, texts, pipeline.longest + 1).apart)
    facts = costs(_some(subject), *(_loop(session, metadata, file) for session in (before, after)))
    facts |= {"largest change of an answer": f"{changed:.2g}, of a probability"}
    return {"neighbours": f"the same alone and beside others within {moved:.1e}", **facts}


def _some(subject: Subject) -> Subject:
    rows = np.array(spread(len(subject.samples), SCORED), dtype=np.int64)
    truth = None if subject.truth is None else subject.truth.take(rows)
    return replace(subject, samples=subject.samples.take(rows.tolist()), truth=truth)


def _loop(session: Any, metadata: Mapping[str, Any], file: OnnxFile) -> Answers:
    """What the loop in a file writes."""
    writing = Translating(session, metadata, None)
    return lambda samples: writing.write(file.inside.feeds(samples))


class _Alone:
    """Rows that are read each by itself, as one stepper."""

    def __init__(self, steppers: Sequence[TextStepper]) -> None:
        self.steppers = steppers

    def start(self, prompts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float32], list[Any]]:
        """Read the texts."""
        return _joined([each.start([prompt]) for each, prompt in zip(self.steppers, prompts, strict=True)])

    def step(self, ids: NDArray[np.int64], state: list[Any]) -> tuple[NDArray[np.float32], list[Any]]:
        """Read one token of each row."""
        rows = zip(self.steppers, ids[:, None], state, strict=True)
        return _joined([each.step(row, own) for each, row, own in rows])


def _joined(found: Sequence[tuple[NDArray[np.float32], Any]]) -> tuple[NDArray[np.float32], list[Any]]:
    return np.concatenate([logits for logits, _ in found]), [state for _, state in found]
