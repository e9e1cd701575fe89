"""The streams of `detection` and `recall`, drawn from a seed."""

# N rows, T steps

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from kerasseq.datasets.streams import Detection, Recall

__all__ = ["as_drawn", "draw_detection", "draw_recall", "progress", "sides"]

_TRIES = 20  # draws of the same stream in a row before the settings are said to give too few


def draw_detection(settings: Detection) -> pa.Table:
    """See `Detection.build`.

    How far a stream will get is drawn first, each distance as often as the others, and at which steps: left to chance,
    few streams would get far.
    """
    import numpy as np
    import pyarrow as pa

    generator = np.random.default_rng(settings.seed)
    streams = _different(lambda: _stream(settings, generator), settings.rows, settings.name)
    stages = [progress(stream, settings.sequence) for stream in streams]
    if settings.answer == "complete":
        whole = len(settings.sequence)
        targets = [["complete" if stage == whole else "waiting" for stage in each] for each in stages]
    else:
        targets = [[settings.sequence[:stage] or "-" for stage in each] for each in stages]
    lists = pa.list_(pa.string())
    return as_drawn({"tokens": pa.array(streams, lists), "target": pa.array(targets, lists)}, settings.name)


def _stream(settings: Detection, generator: np.random.Generator) -> tuple[str, ...]:
    sequence = settings.sequence
    steps = int(generator.integers(settings.length // 2, settings.length + 1))
    far = int(generator.integers(0, len(sequence) + 1))
    places = set(generator.choice(steps, size=far, replace=False).tolist())
    letters = sorted({*sequence, *settings.others})
    stream, stage = [], 0
    for step in range(steps):
        if step in places:
            stream.append(sequence[stage])
            stage += 1
        else:
            awaited = sequence[stage] if stage < len(sequence) else ""
            choice = [letter for letter in letters if letter != awaited]
            stream.append(choice[int(generator.integers(len(choice)))])
    return tuple(stream)


def progress(stream: Sequence[str], sequence: str) -> list[int]:
    """How many letters of `sequence` have come in order, up to and with each step.

    >>> progress("DUUAD", "UDA")
    [0, 1, 1, 1, 2]
    """
    stages, stage = [], 0
    for letter in stream:
        stage += stage < len(sequence) and letter == sequence[stage]
        stages.append(stage)
    return stages


def draw_recall(settings: Recall) -> pa.Table:
    """See `Recall.build`."""
    import numpy as np
    import pyarrow as pa

    generator = np.random.default_rng(settings.seed)
    symbols = np.array(list("abcdefghij")[: settings.symbols])
    noise = np.array(list("wxyz"))

    def stream(steps: int) -> tuple[str, ...]:
        mixed = np.where(
            generator.random(steps) < settings.distractors,
            symbols[generator.integers(0, len(symbols), steps)],
            noise[generator.integers(0, len(noise), steps)],
        )
        return (str(symbols[generator.integers(len(symbols))]), *map(str, mixed))

    test = [side == "test" for side in sides(settings.rows).to_pylist()]
    whole = _different(lambda: stream(settings.length), sum(test), settings.name)
    # The shortest streams are few: these may come twice, and none of them stands in the test
    known = set(whole)
    others: list[tuple[str, ...]] = []
    while len(others) < settings.rows - len(whole):
        drawn = stream(int(generator.integers(1, settings.length + 1)))
        if drawn not in known:
            others.append(drawn)
    streams = [*others, *whole]
    columns = {
        "text": pa.array([" ".join(each) for each in streams], pa.string()),
        "target": pa.array([each[0] for each in streams], pa.string()),
    }
    return as_drawn(columns, settings.name)


def _different(draw: Callable[[], tuple[str, ...]], rows: int, name: str) -> list[tuple[str, ...]]:
    """As many streams, no two of them the same: a stream of the test must not be known from training.

    Raises:
        DataError: There are too few different ones.
    """
    found: dict[tuple[str, ...], None] = {}
    tries = 0
    while len(found) < rows:
        before = len(found)
        found[draw()] = None
        tries = 0 if len(found) > before else tries + 1
        if tries == _TRIES:
            rule = f"must give {rows:,} different streams, got {len(found):,}"
            raise DataError(f"{name}: {rule}; take a longer length, or fewer rows")
    return list(found)


def as_drawn(columns: dict[str, pa.Array[Any]], source: str) -> pa.Table:
    """Drawn rows as a dataset gives them: with `source`, `line`, their sides, and licence.

    Args:
        columns: Of the rows, in no order of their own.
        source: Name of the dataset.
    """
    import numpy as np
    import pyarrow as pa

    rows = len(next(iter(columns.values())))
    place = pa.repeat(pa.scalar(source, pa.string()), rows)
    table = pa.table({**columns, "source": place, "line": pa.array(np.arange(1, rows + 1)), "split": sides(rows)})
    return table.replace_schema_metadata({"target": "target", "licence": "CC0-1.0", "citation": "drawn by kerasseq"})


def sides(rows: int) -> pa.Array[Any]:
    """80 % training, 10 % validation, 10 % test, in this order, `(N,)`; rows are drawn in no order of their own."""
    import pyarrow as pa

    tenth = rows // 10
    return pa.array(["train"] * (rows - 2 * tenth) + ["validation"] * tenth + ["test"] * tenth, pa.string())
