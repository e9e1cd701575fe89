"""Which rows go together: texts of like length share a batch, and the order can be taken up again."""

# N rows, B batch

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BucketSampler", "Epochs", "sorted_batches"]


class Epochs:
    """Counts epochs: the order of one is a function of a seed and its number alone.

    Attributes:
        seed: Of the order.
        epoch: Epochs done.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.epoch = 0

    def next_epoch(self) -> None:
        """Go on to the next epoch."""
        self.epoch += 1

    def state_dict(self) -> dict[str, int]:
        """Where the order stands: epochs done."""
        return {"epoch": self.epoch}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Take the order up where `state_dict` left it."""
        self.epoch = state["epoch"]


class BucketSampler(Epochs):
    """Shuffle, pool, sort by length inside the pool, cut into batches, shuffle the batches.

    Keeps the padding of a batch small and the order random (the gain: mean longest text of random batches over that of
    bucketed ones). The order of an epoch is a function of seed and epoch number alone, so a resumed run continues it.

    Args:
        lengths: Length of each row, `(N,)`.
        batch_size: Rows per batch; the last batch of an epoch may be smaller.
        pool: Batches per pool; 0 leaves the rows shuffled without regard to length.
        seed: Of the order.
    """

    def __init__(self, lengths: NDArray[np.int64], batch_size: int, pool: int, seed: int) -> None:
        super().__init__(seed)
        self.lengths = lengths
        self.batch_size = batch_size
        self.pool = pool

    def batches(self) -> list[NDArray[np.int64]]:
        """The batches of the current epoch, every row once."""
        import numpy as np

        random = np.random.default_rng([self.seed, self.epoch])
        order = random.permutation(len(self.lengths))
        if not self.pool:
            return _cut(order, self.batch_size)
        cut: list[NDArray[np.int64]] = []
        for pool in _cut(order, self.batch_size * self.pool):
            cut += _cut(pool[np.argsort(self.lengths[pool], kind="stable")], self.batch_size)
        return [cut[i] for i in random.permutation(len(cut))]


def sorted_batches(lengths: NDArray[np.int64], batch_size: int) -> list[NDArray[np.int64]]:
    """All rows once, shortest first: the least padding, for prediction. The caller puts answers back by row."""
    import numpy as np

    return _cut(np.argsort(lengths, kind="stable"), batch_size)


def _cut(rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]
