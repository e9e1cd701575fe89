"""The same rows laid into batches in other ways, none of which may change an answer."""

# N rows, B batch, T time

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import MASK, NO_TARGET, Batch, Examples

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXTRA", "Placed", "arrangements"]

EXTRA = 100
"""Steps of padding beyond the longest row."""

GROUPS = 4
"""Most batches without padding: on a backend that compiles, each length costs a compilation."""


@dataclass(frozen=True)
class Placed:
    """A batch of rows, and where their steps stand in it.

    Attributes:
        batch: Its `rows` are rows of the sample.
        kept: `(B,)` bool; False for a row that holds another one's steps.
        left: Whether padding stands before the steps.
    """

    batch: Batch
    kept: NDArray[np.bool_]
    left: bool = False


def arrangements(examples: Examples) -> dict[str, list[Placed]]:
    """By name, batches that together hold every row; `none` holds some, in groups of one length."""
    rows = np.arange(len(examples))
    return {
        "right": [_placed(examples, rows)],
        "left": [_placed(examples, rows, left=True)],
        "none": [_placed(examples, group) for group in _groups(examples)],
        "extra": [_placed(examples, rows, extra=EXTRA)],
        "neighbours": [_strangers(examples, rows % 2 == half) for half in (0, 1)],
    }


def _placed(examples: Examples, rows: NDArray[np.int64], extra: int = 0, left: bool = False) -> Placed:
    inputs: dict[str, NDArray[Any]] = {}
    for name, values in examples.inputs.items():
        inputs |= _padded(name, values, rows, extra, left)
    targets: Any = examples.targets
    if isinstance(targets, Ragged):
        length = _longest(targets, rows) + extra
        targets = targets.padded(rows, length, value=NO_TARGET)
        if left:
            targets = _moved(targets, examples.targets.lengths[rows], NO_TARGET)  # type: ignore[union-attr]
    elif targets is not None:
        targets = targets[rows]
    batch = Batch(inputs, targets, np.ones(len(rows), dtype=np.float32), rows)
    return Placed(batch, np.ones(len(rows), dtype=bool), left)


def _padded(name: str, values: Any, rows: NDArray[np.int64], extra: int, left: bool) -> dict[str, NDArray[Any]]:
    """An input, and where padding cannot be told its mask."""
    if not isinstance(values, Ragged):
        return {name: values[rows]}
    lengths = values.lengths[rows]
    array = values.padded(rows, _longest(values, rows) + extra)
    valid = np.arange(array.shape[1]) < lengths[:, None]
    if left:
        array, valid = _moved(array, lengths), _moved(valid, lengths)
    return {name: array} | ({name + MASK: valid} if array.dtype.kind == "f" else {})


def _longest(values: Ragged, rows: NDArray[np.int64]) -> int:
    return max(int(values.lengths[rows].max(initial=0)), 1)


def _moved(array: NDArray[Any], lengths: NDArray[np.int64], fill: int = 0) -> NDArray[Any]:
    """Right-padded rows moved to the right end, `(N, T, ...)`."""
    moved = np.full_like(array, fill)
    for row, length in enumerate(lengths):
        moved[row, array.shape[1] - length :] = array[row, :length]
    return moved


def _groups(examples: Examples) -> list[NDArray[np.int64]]:
    """Rows of equal length on every input with steps: the largest group, and others spread from short to long."""
    by_length: dict[tuple[int, ...], list[int]] = {}
    steps = [values.lengths.tolist() for values in examples.inputs.values() if isinstance(values, Ragged)]
    steps = steps or [[1] * len(examples)]
    for row, lengths in enumerate(zip(*steps, strict=True)):
        if all(lengths):
            by_length.setdefault(lengths, []).append(row)
    ordered = sorted(by_length)
    if not ordered:
        return []
    spread = np.linspace(0, len(ordered) - 1, min(len(ordered), GROUPS - 1)).astype(int)
    taken = {ordered[place] for place in spread} | {max(ordered, key=lambda key: len(by_length[key]))}
    return [np.array(by_length[key], dtype=np.int64) for key in sorted(taken)]


def _strangers(examples: Examples, kept: NDArray[np.bool_]) -> Placed:
    """Every row that is not kept gives way to random steps of a random length, the same on inputs of one width."""
    random = np.random.default_rng(1)
    whole = _placed(examples, np.arange(len(examples))).batch
    shares = random.random(len(examples))
    inputs = dict(whole.inputs)
    for name, values in examples.inputs.items():
        array = inputs[name]
        if not isinstance(values, Ragged):
            inputs[name] = _instead(kept, array, np.roll(array, 1, axis=0))
            continue
        valid = np.arange(array.shape[1]) <= (shares * array.shape[1]).astype(int)[:, None]
        other = _random(array, random)
        other[~valid] = 0
        inputs[name] = _instead(kept, array, other)
        if name + MASK in inputs:
            inputs[name + MASK] = _instead(kept, inputs[name + MASK], valid)
    targets = whole.targets
    if isinstance(examples.targets, Ragged):
        targets = _instead(kept, whole.targets, np.full_like(whole.targets, NO_TARGET))
    return Placed(Batch(inputs, targets, whole.weights, whole.rows), kept)


def _random(like: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    """Ids, or numbers, between the limits of those that are there."""
    if like.dtype.kind == "f":
        largest = float(np.abs(like).max(initial=0)) or 1.0
        return random.uniform(-largest, largest, like.shape).astype(like.dtype)
    return random.integers(1, like.max(initial=1) + 1, like.shape, dtype=like.dtype)


def _instead(kept: NDArray[np.bool_], own: Any, other: Any) -> NDArray[Any]:
    """The rows that are kept of one array, the others of another one."""
    chosen: NDArray[Any] = np.where(kept.reshape(-1, *(1 for _ in own.shape[1:])), own, other)
    return chosen
