"""The same texts laid into batches in other ways, none of which may change an answer."""

# N texts, B batch, T time

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.corpus.batch import Batch
from kerasseq.verify.sample import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXTRA", "Placed", "arrangements", "shuffled"]

EXTRA = 100
"""Steps of padding beyond the longest text."""

GROUPS = 4
"""Most batches without padding: on a backend that compiles, each length costs a compilation."""


@dataclass(frozen=True)
class Placed:
    """A batch of texts, and where their tokens stand in it.

    Attributes:
        batch: Its `rows` are rows of the sample.
        kept: `(B,)` bool; False for a row that holds other tokens than the sample's.
        left: Whether padding stands before the tokens.
    """

    batch: Batch
    kept: NDArray[np.bool_]
    left: bool = False


def arrangements(sample: Sample) -> dict[str, list[Placed]]:
    """By name, batches that together hold every text; `none` holds some, in groups of one length."""
    rows = np.arange(len(sample))
    longest = [_longest(sample, rows, number) for number in range(len(sample.inputs))]
    right = [ragged.padded(rows, t) for ragged, t in zip(sample.inputs, longest, strict=True)]
    wide = [ragged.padded(rows, t + EXTRA) for ragged, t in zip(sample.inputs, longest, strict=True)]
    left = [_left(tokens, ragged.lengths) for tokens, ragged in zip(right, sample.inputs, strict=True)]
    return {
        "right": [_placed(sample, rows, right)],
        "left": [_placed(sample, rows, left, left=True)],
        "none": [_group(sample, group) for group in _groups(sample)],
        "extra": [_placed(sample, rows, wide)],
        "neighbours": [_strangers(sample, right, rows % 2 == half) for half in (0, 1)],
    }


def shuffled(count: int) -> NDArray[np.int64]:
    """The other order of the texts."""
    return np.random.default_rng(2).permutation(count)


def _placed(sample: Sample, rows: NDArray[np.int64], tokens: Sequence[NDArray[np.int32]], left: bool = False) -> Placed:
    weights = np.ones(len(rows), dtype=np.float32)
    return Placed(Batch(tuple(tokens), sample.targets[rows], weights, rows), np.ones(len(rows), dtype=bool), left)


def _longest(sample: Sample, rows: NDArray[np.int64], number: int) -> int:
    return max(int(sample.inputs[number].lengths[rows].max(initial=0)), 1)


def _left(tokens: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.int32]:
    """Right-padded ids moved to the right end, `(N, T)`."""
    moved = np.zeros_like(tokens)
    for row, length in enumerate(lengths):
        moved[row, tokens.shape[1] - length :] = tokens[row, :length]
    return moved


def _groups(sample: Sample) -> list[NDArray[np.int64]]:
    """Rows of equal length on every input: the largest group, and others evenly spread from short to long."""
    by_length: dict[tuple[int, ...], list[int]] = {}
    for row, lengths in enumerate(zip(*(ragged.lengths.tolist() for ragged in sample.inputs), strict=True)):
        if all(lengths):
            by_length.setdefault(lengths, []).append(row)
    ordered = sorted(by_length)
    if not ordered:
        return []
    spread = np.linspace(0, len(ordered) - 1, min(len(ordered), GROUPS - 1)).astype(int)
    taken = {ordered[place] for place in spread} | {max(ordered, key=lambda key: len(by_length[key]))}
    return [np.array(by_length[key], dtype=np.int64) for key in sorted(taken)]


def _group(sample: Sample, rows: NDArray[np.int64]) -> Placed:
    return _placed(sample, rows, [r.padded(rows, _longest(sample, rows, n)) for n, r in enumerate(sample.inputs)])


def _strangers(sample: Sample, tokens: Sequence[NDArray[np.int32]], kept: NDArray[np.bool_]) -> Placed:
    """Every text that is not kept gives way to random ids of a random length."""
    random = np.random.default_rng(1)
    changed = []
    for side in tokens:
        other = random.integers(1, side.max(initial=1) + 1, side.shape, dtype=np.int32)
        other *= np.arange(side.shape[1]) < random.integers(1, side.shape[1] + 1, (len(side), 1))
        changed.append(np.where(kept[:, None], side, other))
    placed = _placed(sample, np.arange(len(sample)), changed)
    return Placed(placed.batch, kept)
