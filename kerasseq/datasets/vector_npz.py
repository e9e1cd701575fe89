"""`.npz`: all vectors end to end with their offsets or lengths, or padded to one length."""

# N sequences, S steps of all of them, T steps of the longest one, D numbers of a vector

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.npz import Member, Npz
from kerasseq.datasets.problems import RowProblem
from kerasseq.datasets.vector_rows import VectorRows, judged
from kerasseq.errors import DataError
from kerasseq.registry.components import nearest

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["npz_problems", "read_npz"]

_SHAPES = {"flat": "(S, D)", "x": "(N, T, D)"}


def npz_problems(path: Path | str, target: str) -> Iterator[str]:
    """What is wrong with the arrays of a file, from their headers alone.

    Raises:
        DataError: The file is no npz file.
    """
    with Npz(path) as file:
        yield from _plan(file, target).faults


def read_npz(path: Path | str, target: str) -> VectorRows:
    """Read a file: `flat` with `offsets` or `lengths`, or `x`, padded, with `lengths` where they differ.

    Args:
        path: The file.
        target: The array of the targets, `(N,)`, or one a step, `(S,)` beside `flat` and `(N, T)` beside `x`; empty for
            unlabelled rows. Floats are scores; strings, whole numbers and booleans are classes.

    Raises:
        DataError: The file is damaged, an array is absent, or shapes and types do not agree.
    """
    import numpy as np

    with Npz(path) as file:
        plan = _plan(file, target)
        if plan.faults:
            raise DataError("\n".join(plan.faults))
        vectors, values = file.read(plan.vectors), file.read(target) if target else None
        ends = file.read(plan.ends).astype(np.int64) if plan.ends else None
        source = file.source
    vectors = vectors if vectors.ndim == len(_SHAPES[plan.vectors].split(",")) else vectors[..., None]
    problems: list[RowProblem] = []
    steps = None
    if plan.vectors == "flat":
        lengths = _lengths(ends, plan.ends, len(vectors), source)
        lines = np.arange(1, len(lengths) + 1)
    else:
        lengths = np.full(len(vectors), vectors.shape[1]) if ends is None else ends
        lines, problems = _beyond(lengths, vectors.shape[1])
        rows = lines - 1
        lengths = lengths[rows]
        steps = np.arange(vectors.shape[1]) < lengths[:, None]  # (N, T)
        vectors = vectors[rows][steps]
        values = values[rows] if values is not None else None
    column = _targets(values, lengths, steps)
    return judged(vectors, lengths, column, lines, (plan.vectors, target), problems)


@dataclass(frozen=True)
class _Plan:
    """Which arrays of a file are read.

    Attributes:
        vectors: `flat` or `x`; empty where neither is there.
        ends: `offsets` or `lengths`; empty where neither is there.
        faults: What is wrong with these and with the targets.
    """

    vectors: str
    ends: str
    faults: list[str]


def _plan(file: Npz, target: str) -> _Plan:
    names = file.names
    vectors = next((name for name in _SHAPES if name in names), "")
    ends = next((name for name in ("offsets", "lengths")[vectors == "x" :] if name in names), "")
    faults = []
    if not vectors:
        got = ", ".join(names)[:100] or "none"
        faults.append(f"{file.source}: must hold an array flat (S, D) or x (N, T, D), got {got}")
    elif vectors == "flat" and not ends:
        faults.append(f"{file.source}: must hold offsets (N + 1,) or lengths (N,) beside flat, got neither")
    if target and target not in names:
        faults.append(f'{file.source}: must hold an array of the targets, got "{target}"{nearest(target, names)}')
    members = {}
    for name in {vectors, ends, target}.intersection(names):
        try:
            members[name] = file.member(name)
        except DataError as error:
            faults.append(str(error))
    if not faults:
        faults += [f"{file.source}: {name}: {message}" for name, message in _disagree(members, vectors, ends, target)]
    return _Plan(vectors, ends, faults)


def _disagree(members: dict[str, Member], vectors: str, ends: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield the array and what is wrong with its shape or type."""
    whole = members[vectors]
    rank = 2 if vectors == "flat" else 3
    if whole.dtype.kind not in "fiu" or len(whole.shape) not in (rank - 1, rank) or 0 in whole.shape[rank - 1 :]:
        yield vectors, f"must be numbers {_SHAPES[vectors]}, got {whole}"
        return
    rows = whole.shape[0]
    if ends:
        last = members[ends]
        if last.dtype.kind not in "iu" or len(last.shape) != 1:
            yield ends, f"must be whole numbers (N,), got {last}"
            return
        rows = last.shape[0] - (ends == "offsets")
        if vectors == "x" and rows != whole.shape[0]:
            yield ends, f"must be one for each of {whole.shape[0]:,} sequences, got {rows:,}"
    if rows < 1:
        yield vectors, "must have at least one sequence, got none"
    if target:
        found, per_step = members[target], whole.shape[: rank - 1]
        if found.dtype.kind not in "fiubUS" or found.shape not in ((rows,), per_step):
            yield target, f"must be strings or numbers {(rows,)}, or {per_step} for one a step, got {found}"


def _lengths(ends: Any, name: str, steps: int, source: str) -> NDArray[np.int64]:
    """Steps of each sequence, of `offsets` or `lengths` that take up all of `flat`."""
    import numpy as np

    lengths: NDArray[np.int64] = np.diff(ends) if name == "offsets" else ends
    start = int(ends[0]) if name == "offsets" else 0
    if start or (lengths < 0).any() or (lengths > steps).any() or int(lengths.sum()) != steps:
        rule = f"must run from 0 to {steps:,} and never fall" if name == "offsets" else f"must add up to {steps:,}"
        got = f"{int(ends[0])} to {int(ends[-1])}" if name == "offsets" else f"{int(lengths.sum()):,}"
        raise DataError(f"{source}: {name}: {rule}, the steps of flat, got {got}")
    return lengths


def _beyond(lengths: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], list[RowProblem]]:
    """The 1-based numbers of the rows whose length can be, and what is wrong with the others."""
    import numpy as np

    good = (lengths >= 0) & (lengths <= most)
    message = f"must be from 1 to the {most:,} steps of x, got "
    problems = [RowProblem(int(row) + 1, "lengths", f"{message}{lengths[row]}") for row in np.flatnonzero(~good)]
    return np.flatnonzero(good) + 1, problems


def _targets(values: Any, lengths: NDArray[np.int64], steps: Any) -> pa.Array[Any]:
    """The targets as an Arrow array: one a row, or a list of one a step."""
    import numpy as np
    import pyarrow as pa

    if values is None:
        return pa.nulls(len(lengths))
    per_step = values.ndim == 2 or len(values) != len(lengths)
    if values.ndim == 2:
        values = values[steps]
    if values.dtype.kind == "f" and not per_step:
        return pa.array(values.astype(np.float64))
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    texts = pa.array(values.astype(str).tolist(), pa.string())
    if not per_step:
        return texts
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32()), texts)
