"""A side of the split as numbers: what the model reads, what it shall answer, and what a row counts."""

# N rows, B batch, T time

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.batches import BucketSampler

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MASK", "NO_TARGET", "Batch", "Examples", "Values", "taken"]

MULTIPLE = 8

NO_TARGET = -1
"""What stands in a ragged target behind its end."""

MASK = "_mask"
"""Behind the name of an input of vectors: the input that says which steps are none of padding."""

Values: TypeAlias = "Ragged | NDArray[Any]"
"""One value a row, `(N, ...)`, or one a step."""


def taken(values: Any, rows: NDArray[np.int64] | slice) -> Any:
    """Some rows of `Values`, in that order."""
    if not isinstance(values, Ragged):
        return values[rows]
    if isinstance(rows, slice):
        import numpy as np

        rows = np.arange(*rows.indices(len(values)))
    return values.take(rows)


@dataclass(frozen=True)
class Batch:
    """One padded batch.

    Attributes:
        inputs: By the name of the model's input, `(B, T, ...)`. Ids are 0 at padding; vectors, whose padding no value
            can tell, come with `<name>_mask`, `(B, T)` bool.
        targets: `(B, ...)`, what the task's loss compares with; one a step is -1 at padding. None where nobody asks
            for a loss.
        weights: `(B,)` float32; 0 for rows that only fill up the batch.
        rows: `(R,)` int64 with R <= B: which rows these are, in order; fillers come last.
        continues: Whether each row goes on where the batch before it ended; of a model that gives its states back.
    """

    inputs: Mapping[str, NDArray[Any]]
    targets: NDArray[Any] | None
    weights: NDArray[np.float32]
    rows: NDArray[np.int64]
    continues: bool = False


@dataclass(frozen=True)
class Examples:
    """`N` rows, ready for a model.

    Attributes:
        inputs: By the name of the model's input; ragged ones are padded in a batch.
        targets: As the task encodes them; None for rows that can be predicted, and never trained on.
        weights: `(N,)` float32, at least 0; None where every row counts 1.
    """

    inputs: Mapping[str, Values]
    targets: Values | None = None
    weights: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Steps of the longest input of each row, `(N,)`; 1 where no input has any."""
        import numpy as np

        ragged = [values.lengths for values in self.inputs.values() if isinstance(values, Ragged)]
        return reduce(np.maximum, ragged) if ragged else np.ones(len(self), dtype=np.int64)

    def steps(self, name: str) -> NDArray[np.int64]:
        """Steps of each row of an input, `(N,)`."""
        values = self.inputs[name]
        if isinstance(values, Ragged):
            return values.lengths
        import numpy as np

        return np.full(len(self), values.shape[1], dtype=np.int64)

    def tokens(self, rows: NDArray[np.int64]) -> int:
        """How many tokens, or vectors, `rows` hold, all inputs together; the characters of a token are no more."""
        ragged = [values for values in self.inputs.values() if isinstance(values, Ragged)]
        counted = [values for values in ragged if not (values.shape and values.flat.dtype.kind == "i")]
        return int(sum(values.lengths[rows].sum() for values in counted)) if ragged else len(rows)

    def rows_of(self, batch: Any) -> NDArray[np.int64]:
        """The numbers of the rows that are in a batch of the sampler's."""
        rows: NDArray[np.int64] = batch
        return rows

    def part(self, batch: Any, rank: int, size: int) -> list[Any]:
        """What worker `rank` of `size` takes of a batch of the sampler's: every `size`-th row; [] where none is left.

        Rows of a batch come by length, so that the parts have as much to read.
        """
        rows = batch[rank::size]
        return [rows] if len(rows) else []

    def take(self, rows: NDArray[np.int64]) -> Examples:
        """Some rows, in that order."""
        inputs = {name: taken(values, rows) for name, values in self.inputs.items()}
        targets = None if self.targets is None else taken(self.targets, rows)
        return Examples(inputs, targets, None if self.weights is None else self.weights[rows])

    def sampler(self, batch_size: int, pool: int, seed: int) -> BucketSampler:
        """Which rows go together in each epoch of training; see `BucketSampler`."""
        return BucketSampler(self.lengths, batch_size, pool, seed)

    def unlabelled(self) -> Self:
        """The same rows, without targets: nobody asks for their loss."""
        return replace(self, targets=None, weights=None)

    def batch(self, rows: NDArray[np.int64], lengths: Sequence[int] = (), size: int = 0) -> Batch:
        """Pad `rows` to one batch.

        Args:
            rows: Which rows, in order.
            lengths: Values of T, ascending; the smallest that fits is taken, for all inputs the same one, and for rows
                that are longer the last one doubled until they fit. Empty: each input gets the next multiple of 8. T is
                at least 8 either way.
            size: Fill the batch up to this many rows with padding of weight 0.
        """
        import numpy as np

        fill = max(size - len(rows), 0)
        filled = np.concatenate([rows, np.repeat(rows[:1], fill)]) if fill else rows
        ragged = [values for values in (*self.inputs.values(), self.targets) if isinstance(values, Ragged)]
        longest = max((int(values.lengths[rows].max(initial=0)) for values in ragged), default=0)
        same = _fitting(longest, lengths)
        inputs: dict[str, NDArray[Any]] = {}
        for name, values in self.inputs.items():
            if not isinstance(values, Ragged):
                inputs[name] = values[filled]
                continue
            length = same or _room(values, rows)
            inputs[name] = values.padded(rows, length, fill)
            if values.flat.dtype.kind == "f":
                valid = np.zeros((len(filled), length), dtype=bool)
                valid[: len(rows)] = np.arange(length) < values.lengths[rows][:, None]
                inputs[name + MASK] = valid
        weights = np.ones(len(filled), dtype=np.float32) if self.weights is None else self.weights[filled]
        weights[len(rows) :] = 0
        return Batch(inputs, self._targets(rows, filled, same), weights, rows)

    def _targets(self, rows: NDArray[np.int64], filled: NDArray[np.int64], length: int) -> NDArray[Any] | None:
        if not isinstance(self.targets, Ragged):
            return None if self.targets is None else self.targets[filled]
        return self.targets.padded(rows, length or _room(self.targets, rows), len(filled) - len(rows), NO_TARGET)


def _fitting(longest: int, lengths: Sequence[int]) -> int:
    """The smallest of the lengths; 0 where each input may have its own."""
    if not lengths:
        return 0
    fitting = [length for length in lengths if length >= longest]
    if fitting:
        return fitting[0]
    # Sequences of vectors are never cut, and may be longer than any of training
    length = lengths[-1]
    while length < longest:
        length *= 2
    return length


def _room(values: Ragged, rows: NDArray[np.int64]) -> int:
    return -(-max(int(values.lengths[rows].max(initial=0)), 1) // MULTIPLE) * MULTIPLE
