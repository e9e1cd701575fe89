"""What a smaller file of a language model says otherwise than the one that was proved, and at which speed."""

# N rows

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.console import count
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.onnx.costs import rates
from kerasseq.exporters.onnx.step_proof import PIECES, SINGLE, ids_of, rows_of, said_by, walk
from kerasseq.exporters.proof import BATCHES, TOLERANCE

if TYPE_CHECKING:
    from kerasseq_runtime.stepper import FileStepper
    from numpy.typing import NDArray

    from kerasseq.corpus.passages import Passages
    from kerasseq.trained import TrainedModel

__all__ = ["step_costs"]

TOGETHER = BATCHES[-1]


def step_costs(
    name: str,
    trained: TrainedModel,
    samples: Any,
    before: FileStepper,
    after: FileStepper,
    tolerance: float = TOLERANCE,
) -> dict[str, str]:
    """Compare a smaller file with itself beside other rows, and with the float32 file.

    Args:
        name: What to call the file in messages.
        trained: The model.
        samples: Its test rows, or none.
        before: The file of float32.
        after: The smaller one.
        tolerance: Largest difference of a probability beside other rows, and in other pieces.

    Raises:
        Refused: What the smaller file says hangs on these.
    """
    pipeline: Any = trained.task.pipeline
    some, made = rows_of(pipeline, samples)
    moved, changed = 0.0, 0.0
    begun: list[tuple[float, float]] = []
    for asked in (some, made):
        read, following = ids_of(pipeline, asked)
        alone = {(row, place): p for row, place, p in said_by(after, read, following, 1, _all_ends)}
        moved = max(moved, _moved(name, asked, after, (read, following), alone, tolerance))
        for row, place, probability in said_by(before, read, following, TOGETHER, PIECES[TOGETHER]):
            changed = max(changed, abs(probability - alone[row, place]))
            if asked is some and place < SINGLE:
                begun.append((probability, alone[row, place]))
    facts = {"neighbours": f"the same alone and beside others within {moved:.1e}"}
    if begun:
        facts |= _speed(before, after, ids_of(pipeline, some)[0])
    facts["largest change of an answer"] = f"{changed:.2g}, of a probability"
    if begun:
        whole, small = (math.exp(-float(np.log(each).mean())) for each in zip(*begun, strict=True))
        where = f"the first {SINGLE} tokens of {count(len(some), 'passage')}"
        facts["perplexity"] = f"{small:.4f}, float32 {whole:.4f}, {where}"
    return facts


def _moved(
    name: str,
    asked: Passages,
    stepper: FileStepper,
    ids: tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]],
    alone: dict[tuple[int, int], float],
    tolerance: float,
) -> float:
    """The largest difference of what is said beside other rows."""
    largest = 0.0
    for size in BATCHES[2:]:
        for row, place, probability in said_by(stepper, *ids, size, PIECES[size]):
            apart = abs(probability - alone[row, place])
            if not apart <= tolerance:
                said = f"token {place + 1} of {asked.shown(row)[:60]!r} differs by {apart:.1e}"
                raise Refused(f"{name}: must say the same alone and beside others, {said}; nothing was written")
            largest = max(largest, apart)
    return largest


def _all_ends(length: int) -> Iterator[int]:
    """Where the pieces of a row end in a batch of any size."""
    yield from sorted({end for size in BATCHES[2:] for end in PIECES[size](length)})


def _speed(before: FileStepper, after: FileStepper, read: Sequence[NDArray[np.int64]]) -> dict[str, str]:
    """Tokens that are read one by one in a second."""
    begun = [ids[:SINGLE] for ids in read]
    found = rates(sum(map(len, begun)), *(_reading(stepper, begun) for stepper in (before, after)))
    return {"speed": f"{found[1]:,.0f} tokens/s, float32 {found[0]:,.0f}, {count(len(begun), 'text')} at once"}


def _reading(stepper: FileStepper, rows: Sequence[NDArray[np.int64]]) -> Callable[[], Any]:
    return lambda: list(walk(stepper, rows, PIECES[TOGETHER]))
