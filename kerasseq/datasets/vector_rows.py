"""What a reader of sequences of vectors gives: the sound rows of one file, and what is wrong with the others."""

# N sequences, S steps of all of them, D numbers of a vector

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq.datasets.problems import RowProblem

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["VectorRows", "joined", "judged"]


@dataclass(frozen=True, eq=False)
class VectorRows:
    """Sequences of one file.

    Attributes:
        flat: All vectors of the sound sequences, `(S, D)` float32.
        offsets: `(N + 1,)` int64; sequence `i` is `flat[offsets[i]:offsets[i + 1]]`.
        targets: `(N,)`: a string, a number, or a list of strings, one a step; null where there are none.
        lines: `(N,)` int64: the 1-based line, or the row's number in a file without lines.
        problems: What is wrong with the other rows.
        rows: How many rows the file has, bad ones included.
    """

    flat: NDArray[np.float32]
    offsets: NDArray[np.int64]
    targets: pa.Array[Any]
    lines: NDArray[np.int64]
    problems: tuple[RowProblem, ...]
    rows: int


def judged(
    flat: NDArray[Any],
    lengths: NDArray[np.int64],
    targets: pa.Array[Any],
    lines: NDArray[np.int64],
    names: tuple[str, str],
    problems: Sequence[RowProblem] = (),
) -> VectorRows:
    """Keep the rows that can be learned from.

    Args:
        flat: All vectors, `(S, D)` of numbers.
        lengths: Steps of each sequence, `(N,)`.
        targets: `(N,)`, or of type null for unlabelled rows.
        lines: `(N,)`.
        names: The columns of the vectors and of the target in the file, for messages.
        problems: Rows that could not be read at all; they are not among the N.
    """
    import numpy as np

    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is reported
        flat = flat.astype(np.float32, copy=False)
    offsets = _offsets(lengths)
    found = list(problems)
    sound = np.ones(len(lengths), dtype=bool)
    for row, message in _wrong_vectors(flat, lengths, offsets):
        found.append(RowProblem(int(lines[row]), names[0], message))
        sound[row] = False
    for row, message in _wrong_targets(targets, lengths):
        found.append(RowProblem(int(lines[row]), names[1], message))
        sound[row] = False
    rows = len(lengths) + len({problem.line for problem in problems})
    if not sound.all():
        import pyarrow as pa

        flat, targets = flat[np.repeat(sound, lengths)], targets.filter(pa.array(sound))
        lengths, lines = lengths[sound], lines[sound]
    return VectorRows(flat, _offsets(lengths), targets, lines, tuple(found), rows)


def _wrong_vectors(
    flat: NDArray[np.float32], lengths: NDArray[np.int64], offsets: NDArray[np.int64]
) -> list[tuple[int, str]]:
    import numpy as np

    wrong = [(int(row), "must have at least one vector, got an empty sequence") for row in np.flatnonzero(lengths == 0)]
    steps = np.flatnonzero(~np.isfinite(flat).all(axis=1))
    rows = np.searchsorted(offsets, steps, side="right") - 1
    _, first, counts = np.unique(rows, return_index=True, return_counts=True)
    for place, count in zip(first, counts, strict=True):
        row, step = int(rows[place]), int(steps[place])
        dimension = int(np.flatnonzero(~np.isfinite(flat[step]))[0])
        where = f"at step {step - int(offsets[row]) + 1}, dimension {dimension + 1}"
        more = f" ({count} such steps)" if count > 1 else ""
        wrong.append((row, f"must be finite numbers, got {flat[step, dimension]} {where}{more}"))
    return wrong


def _wrong_targets(targets: pa.Array[Any], lengths: NDArray[np.int64]) -> list[tuple[int, str]]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = targets.type
    if pa.types.is_null(kind):
        return []
    if pa.types.is_list(kind):
        return list(_wrong_tags(targets, lengths))
    good = pc.not_equal(pc.utf8_trim_whitespace(targets), "") if pa.types.is_string(kind) else pc.is_finite(targets)
    message = "must have a value" if pa.types.is_string(kind) else "must be a finite number"
    return [(int(row), message) for row in np.flatnonzero(~pc.fill_null(good, False).to_numpy(zero_copy_only=False))]


def _wrong_tags(targets: pa.Array[Any], lengths: NDArray[np.int64]) -> list[tuple[int, str]]:
    wrong = []
    for row, (tags, steps) in enumerate(zip(targets.to_pylist(), lengths, strict=True)):
        if tags is None:
            wrong.append((row, "must have a value"))
        elif len(tags) != steps:
            wrong.append((row, f"must be a tag for each of {steps} steps, got {len(tags)}"))
        elif not all(tag and tag.strip() for tag in tags):
            step = next(i for i, tag in enumerate(tags, 1) if not (tag and tag.strip()))
            wrong.append((row, f"must have a value at every step, got none at step {step}"))
    return wrong


def joined(parts: Sequence[VectorRows]) -> VectorRows:
    """The rows of several pieces of one file, one or more, all of one width and one type of target."""
    import numpy as np
    import pyarrow as pa

    if len(parts) == 1:
        return parts[0]
    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    return VectorRows(
        np.concatenate([part.flat for part in parts]),
        _offsets(lengths),
        pa.concat_arrays([part.targets for part in parts]),
        np.concatenate([part.lines for part in parts]),
        tuple(problem for part in parts for problem in part.problems),
        sum(part.rows for part in parts),
    )


def _offsets(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    import numpy as np

    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
