"""Whether an artifact answers as the model does: on the test rows, and on rows made to find a difference."""

# N rows

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.console import count
from kerasseq.corpus.examples import MASK
from kerasseq.exporters.exporter import Refused

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples
    from kerasseq.tasks.predictions import Predictions
    from kerasseq.tasks.task import Task
    from kerasseq.trained import TrainedModel

__all__ = [
    "BATCHES",
    "TOLERANCE",
    "Answers",
    "Difference",
    "Proof",
    "compare",
    "cut",
    "joined",
    "proof_samples",
    "prove",
    "prove_alone",
    "spread",
]

TOLERANCE = 1e-5
"""Largest difference of a probability, or of a score in deviations of the training targets."""

BATCHES = (0, 1, 3, 64)
MOST = 1000
"""Test rows that a proof looks at, evenly spread."""

ALONE = 64
"""Of these, those that are asked alone."""

Answers = Callable[["Samples"], Mapping[str, Any]]
"""Rows to arrays by name, as `Predictions.arrays` gives them."""


@dataclass(frozen=True)
class Difference:
    """Where an artifact and the model part.

    Attributes:
        largest: Of all rows, in units.
        row: The first row that differs by more than is allowed; -1 where none does.
        said: What was answered to it.
    """

    largest: float
    row: int = -1
    said: str = ""


@dataclass(frozen=True)
class Proof:
    """What was shown.

    Attributes:
        rows: How many test rows.
        made: How many made ones.
        largest: Largest difference.
        row: What a row is called.
        lengths: Steps of the made ones; empty where nothing is said of them.
    """

    rows: int
    made: int
    largest: float
    row: str = "text"
    lengths: tuple[int, ...] = ()

    def __str__(self) -> str:
        *first, last = [f"{length:,}" for length in self.lengths] or [""]
        lengths = f"{', '.join(first)} and {last}" if first else last
        return (
            f"equal to the model within {self.largest:.1e} on {count(self.rows, f'test {self.row}')} and "
            f"{self.made} made {'one' if self.made == 1 else 'ones'}{', lengths ' * bool(lengths)}{lengths}, "
            f"batches {', '.join(map(str, BATCHES))}"
        )


def prove(name: str, trained: TrainedModel, samples: Samples, answers: Answers, tolerance: float = TOLERANCE) -> Proof:
    """Compare an artifact with the model it came from.

    Args:
        name: What to call the artifact in messages.
        trained: The model.
        samples: Its test rows, or none.
        answers: The artifact.
        tolerance: See `TOLERANCE`.

    Raises:
        Refused: They differ, with the first row that does; or the artifact fails on a row.
    """
    pipeline = trained.task.pipeline
    some, made = proof_samples(samples), pipeline.made()
    largest = 0.0
    for asked, batches in ((some, (64,)), (made, BATCHES)):
        wanted = trained.answer(asked).predictions
        for size in batches:
            got, answered = _asked(name, answers, asked, size, pipeline.row)
            found = compare(wanted.take(slice(0, answered)), got, asked, tolerance, pipeline.row)
            if found.said:
                raise Refused(f"{name}: must answer as the model does, {found.said}; nothing was written")
            largest = max(largest, found.largest)
    return Proof(len(some), len(made), largest, pipeline.row, pipeline.made_lengths)


def prove_alone(
    name: str, trained: TrainedModel, samples: Samples, answers: Answers, tolerance: float = TOLERANCE
) -> float:
    """Compare what an artifact answers to a row alone with what it answers beside others.

    That is left to show of one whose numbers are not the model's.

    Args:
        name: What to call the artifact in messages.
        trained: The model.
        samples: Its test rows, or none.
        answers: The artifact.
        tolerance: See `TOLERANCE`.

    Returns:
        The largest difference, in units.

    Raises:
        Refused: They differ, with the first row that does; or the artifact fails on a row.
    """
    pipeline = trained.task.pipeline
    largest = 0.0
    for asked in (proof_samples(samples, ALONE), pipeline.made()):
        if not len(asked):
            continue
        alone = trained.task.read(_asked(name, answers, asked, 1, pipeline.row)[0])
        for size in (size for size in BATCHES if size != 1):
            got, answered = _asked(name, answers, asked, size, pipeline.row)
            found = compare(alone.take(slice(0, answered)), got, asked, tolerance, pipeline.row)
            if found.said:
                rule = f"must answer a {pipeline.row} alone as beside others"
                differs = f"{_named(asked, found.row)} differs by {found.largest:.1e} in batches of {size}"
                raise Refused(f"{name}: {rule}, {differs}; nothing was written")
            largest = max(largest, found.largest)
    return largest


def _asked(name: str, answers: Answers, asked: Samples, size: int, row: str) -> tuple[dict[str, Any], int]:
    """The answers to rows in batches of a size, and to how many: for size 0 to none."""
    parts = list(_cut(len(asked), size))
    try:
        return joined([answers(asked.take(part)) for part in parts]), sum(map(len, parts))
    except Refused:
        raise
    except Exception as cause:
        raise Refused(f"{name}: must answer every {row}, batches of {size} failed: {cause}") from cause


def joined(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The arrays of batches one after another."""
    found: dict[str, Any] = {}
    for name in parts[0]:
        values = [part[name] for part in parts]
        found[name] = (
            np.concatenate(values)
            if all(isinstance(value, np.ndarray) for value in values)
            else [row for value in values for row in value]
        )
    return found


def compare(
    wanted: Predictions, got: Mapping[str, Any], samples: Samples, tolerance: float, row_noun: str = "row"
) -> Difference:
    """The largest difference, and the first row that differs by more than `tolerance` or in what was chosen.

    Args:
        wanted: What the model answers.
        got: What the other one does.
        samples: The rows, in their order.
        tolerance: Largest difference of a number, in units.
        row_noun: What a row is called.
    """
    for name, values in wanted.arrays().items():
        if name not in got:
            return Difference(np.inf, 0, f"it gave no {name}")
        if len(got[name]) != len(wanted):
            return Difference(np.inf, 0, f"it gave {len(got[name])} answers to {len(wanted)} rows")
        if isinstance(values, np.ndarray) and np.shape(got[name])[1:] != values.shape[1:]:
            return Difference(np.inf, 0, f"it gave {name} {np.shape(got[name])} where {np.shape(values)} belongs")
    if not len(wanted):
        return Difference(0.0)
    apart = wanted.apart(got)  # (N,)
    wrong = ~(apart <= tolerance) | wanted.differ(got)
    largest = float(apart.max(initial=0.0))
    if not wrong.any():
        return Difference(largest)
    row = int(np.flatnonzero(wrong)[0])
    other = ", ".join(f"{name} {_shown(values[row])}" for name, values in got.items())
    differ = f"{int(wrong.sum()):,} of {count(len(wrong), row_noun)} differ, by up to {largest:.1e}"
    said = f"{differ}; the first is {_named(samples, row)}: the model said {wanted.shown(row)}, it said {other}"
    return Difference(largest, row, said)


def cut(outputs: Mapping[str, Any], task: Task, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs of a padded batch as `Task.decode` takes them: those with steps cut to their rows.

    Args:
        outputs: `(N, ...)` by name.
        task: Knows their axes.
        inputs: The padded inputs that they answer; ids are 0, masks false at padding.
    """
    timed = {out.name: out.of for out in task.outputs if out.timed}
    found: dict[str, Any] = {}
    for name, values in outputs.items():
        if name not in timed:
            found[name] = values
            continue
        steps = inputs.get(timed[name] + MASK, inputs[timed[name]])
        found[name] = [row[: np.count_nonzero(valid)] for row, valid in zip(values, steps, strict=True)]
    return found


def proof_samples(samples: Samples, most: int = MOST) -> Samples:
    """At most so many rows, evenly spread."""
    return samples if len(samples) <= most else samples.take(spread(len(samples), most))


def spread(count: int, most: int) -> list[int]:
    """At most so many of `count` rows, evenly spread."""
    found: list[int] = np.linspace(0, count - 1, min(most, count)).astype(int).tolist()
    return found


def _cut(rows: int, size: int) -> Iterator[range]:
    """Row numbers in batches; for size 0 one empty batch."""
    if not size or not rows:
        yield range(0)
    else:
        yield from (range(start, min(start + size, rows)) for start in range(0, rows, size))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    numbers = np.asarray(value).ravel()
    shown = " ".join(str(n) if isinstance(n, str) else f"{n:.6g}" for n in numbers[:8].tolist())
    return shown + (" ..." if numbers.size > 8 else "")


def _named(samples: Samples, row: int) -> str:
    """A row in quotes, short, in one line."""
    text = " | ".join(samples.shown(row).split("\n")) if len(samples) else ""
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
