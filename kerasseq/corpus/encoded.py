"""A side of the split as numbers: ids, targets, weights."""

# N rows, B batch, T time

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.batch import Batch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EncodedCorpus"]

MULTIPLE = 8


@dataclass(frozen=True)
class EncodedCorpus:
    """`N` texts, or pairs of texts, ready for a model.

    Attributes:
        inputs: One Ragged of ids per input of the model, each of `N` rows.
        targets: `(N, ...)` as the task encodes them.
        weights: `(N,)` float32, at least 0.
    """

    inputs: tuple[Ragged, ...]
    targets: NDArray[Any]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.targets)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Length of the longest input of each row, `(N,)`."""
        import numpy as np

        return reduce(np.maximum, (ragged.lengths for ragged in self.inputs))

    def tokens(self, rows: NDArray[np.int64]) -> int:
        """How many tokens `rows` hold, all inputs together."""
        return int(sum(ragged.lengths[rows].sum() for ragged in self.inputs))

    def batch(self, rows: NDArray[np.int64], lengths: Sequence[int] = (), size: int = 0) -> Batch:
        """Pad `rows` to one batch.

        Args:
            rows: Which rows, in order.
            lengths: Allowed values of T, ascending; the smallest that fits is taken, for all inputs the same one.
                Empty: each input gets the next multiple of 8. T is at least 8 either way.
            size: Fill the batch up to this many rows with padding of weight 0.

        Raises:
            ValueError: A text is longer than every allowed length.
        """
        import numpy as np

        longest = [max(int(ragged.lengths[rows].max(initial=0)), 1) for ragged in self.inputs]
        if lengths:
            fitting = [t for t in lengths if t >= max(longest)]
            if not fitting:
                raise ValueError(f"texts must have at most {lengths[-1]} tokens, got {max(longest)}")
            longest = [fitting[0]] * len(longest)
        else:
            longest = [-(-t // MULTIPLE) * MULTIPLE for t in longest]
        fill = max(size - len(rows), 0)
        tokens = tuple(ragged.padded(rows, t, fill) for ragged, t in zip(self.inputs, longest, strict=True))
        filled = np.concatenate([rows, np.repeat(rows[:1], fill)]) if fill else rows
        weights = self.weights[filled]
        weights[len(rows) :] = 0
        return Batch(tokens, self.targets[filled], weights, rows)
