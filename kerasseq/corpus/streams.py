"""Tokens that run on: read in pieces, each of which goes on where the one before ended.

A language model is trained by backpropagation through time that is cut every few steps (Werbos, 1990; Williams & Peng,
1990): the state goes on, the gradient ends. Documents that are joined are one ring of tokens, cut into as many lanes as
a batch has rows; documents that stay apart are rows, and a long one is read piece by piece.
"""

# N documents or passages, S their tokens, B batch, T time

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.batches import BucketSampler, Epochs, sorted_batches
from kerasseq.corpus.examples import NO_TARGET, Batch, Examples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BLOCK", "WARM", "Piece", "Streams"]

BLOCK = 4096
"""Tokens that are measured on with one state, where documents are joined; blocks stand side by side in a batch."""

WARM = 128
"""Tokens that are read before a block for its state, and not counted."""


class Piece(NamedTuple):
    """Some steps of every row of a batch.

    Attributes:
        starts: `(B,)` int64: where each begins among all tokens.
        stops: `(B,)`: where it ends, the same as `starts` where nothing is left.
        continues: Whether each goes on where the piece before it ended; else the states are zeros.
        skipped: Steps at the beginning that only make a state: `(B,)`.
    """

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    continues: bool
    skipped: NDArray[np.int64]


@dataclass(frozen=True)
class Streams(Examples):
    """`N` documents, or passages of documents that are joined.

    Attributes:
        inputs: `tokens`, and `next`, the token that follows each: two `Ragged` of the same lengths.
        bptt: Steps that the gradient goes back.
        joined: Whether a row goes on where the row before it ended.
    """

    bptt: int = 64
    joined: bool = True

    @cached_property
    def total(self) -> int:
        """S."""
        return int(self._tokens.offsets[-1])

    @property
    def _tokens(self) -> Ragged:
        tokens = self.inputs["tokens"]
        if not isinstance(tokens, Ragged):
            raise TypeError("tokens must be ragged")
        return tokens

    @property
    def _next(self) -> Ragged:
        following = self.inputs["next"]
        if not isinstance(following, Ragged):
            raise TypeError("next must be ragged")
        return following

    def rows_of(self, batch: Piece) -> NDArray[np.int64]:
        """The numbers of the rows of which a piece has tokens."""
        import numpy as np

        spans = [np.arange(start, stop) for start, stop in zip(batch.starts, batch.stops, strict=True)]
        places = np.concatenate(spans) % max(self.total, 1)
        return np.unique(np.searchsorted(self._tokens.offsets, places, side="right") - 1)

    def part(self, batch: Piece, rank: int, size: int) -> list[Piece]:
        """Every `size`-th lane; the same ones of each piece, for a state goes on in its lane."""
        starts, stops, skipped = (each[rank::size] for each in (batch.starts, batch.stops, batch.skipped))
        return [Piece(starts, stops, batch.continues, skipped)] if len(starts) else []

    def take(self, rows: NDArray[np.int64]) -> Streams:
        """Some rows, in that order."""
        some = super().take(rows)
        return replace(self, inputs=some.inputs, targets=some.targets, weights=some.weights)

    def sampler(self, batch_size: int, pool: int, seed: int) -> _Lanes | _Rows:  # type: ignore[override]
        """The pieces of each epoch, every token once."""
        if self.joined:
            return _Lanes(self.total, batch_size, self.bptt, seed)
        return _Rows(self, batch_size, pool, seed)

    def tokens(self, rows: Piece) -> int:  # type: ignore[override]
        """How many tokens a piece holds."""
        return int((rows.stops - rows.starts).sum())

    def batch(self, rows: Piece | NDArray[np.int64], lengths: Sequence[int] = (), size: int = 0) -> Batch:
        """One batch of a piece; `targets` is -1, and nothing counts, behind the end of a row.

        Args:
            rows: The piece; or the numbers of rows, each of which is read whole, from a state of zeros.
            lengths: If there are any, the batch has `bptt` steps, else as many as its longest row.
            size: Fill the batch up to this many rows of weight 0.
        """
        import numpy as np

        if not isinstance(rows, Piece):
            offsets = self._tokens.offsets
            rows = Piece(offsets[rows], offsets[np.asarray(rows) + 1], False, np.zeros(len(rows), dtype=np.int64))
        wide = rows.stops - rows.starts
        longest = max(int(wide.max(initial=0)), 1)
        length = max(self.bptt, longest) if lengths else longest
        fill = max(size - len(wide), 0)
        if fill:
            wide = np.concatenate([wide, np.zeros(fill, dtype=np.int64)])
        starts = np.concatenate([rows.starts, np.zeros(fill, dtype=np.int64)]) if fill else rows.starts
        steps = np.arange(length)
        valid = steps < wide[:, None]
        places = (starts[:, None] + steps) % max(self.total, 1)
        tokens, following = (np.where(valid, _taken(ragged, places), 0) for ragged in (self._tokens, self._next))
        targets = None
        if self.targets is not None:
            targets = np.where(valid, following, NO_TARGET)
        weights = wide.astype(np.float32)
        count = np.arange(len(rows.starts))
        return Batch({"tokens": tokens, "next": following}, targets, weights, count, rows.continues)

    def passes(self, batch_size: int) -> Iterator[Piece]:
        """Every token once, in pieces that measure: the same whatever the size of a batch.

        Documents that stay apart are read from their beginning. Joined ones are cut into blocks; the model reads some
        tokens before each for a state.
        """
        import numpy as np

        if not self.joined:
            offsets = self._tokens.offsets
            for rows in sorted_batches(self.lengths, batch_size):
                yield from _pieces(offsets[rows], offsets[rows + 1], self.bptt, np.zeros(len(rows), dtype=np.int64))
            return
        first = np.arange(0, self.total, BLOCK, dtype=np.int64)
        for start in range(0, len(first), batch_size):
            some = first[start : start + batch_size]
            warm = np.minimum(some, WARM)
            yield from _pieces(some - warm, np.minimum(some + BLOCK, self.total), self.bptt, warm)

    def by_row(self, flat: NDArray[Any]) -> list[NDArray[Any]]:
        """One array a row, of a value for each of the S tokens."""
        offsets = self._tokens.offsets
        return [flat[start:stop] for start, stop in zip(offsets[:-1], offsets[1:], strict=True)]


class _Lanes(Epochs):
    """Joined documents as a ring of `total` tokens, cut into lanes; each epoch begins somewhere else."""

    def __init__(self, total: int, batch_size: int, steps: int, seed: int) -> None:
        super().__init__(seed)
        self.total = total
        self.lanes = max(min(batch_size, total // max(steps, 1)), 1)
        self.steps = steps

    def batches(self) -> list[Piece]:
        """The pieces of the current epoch, in the order in which the state goes on."""
        import numpy as np

        random = np.random.default_rng([self.seed, self.epoch])
        turn = int(random.integers(max(self.total, 1)))
        edges = np.linspace(0, self.total, self.lanes + 1).astype(np.int64)
        none = np.zeros(self.lanes, dtype=np.int64)
        return list(_pieces(turn + edges[:-1], turn + edges[1:], self.steps, none))


class _Rows(BucketSampler):
    """Documents apart: those of like length together, piece by piece."""

    def __init__(self, streams: Streams, batch_size: int, pool: int, seed: int) -> None:
        super().__init__(streams.lengths, batch_size, pool, seed)
        self.streams = streams

    def batches(self) -> list[Piece]:  # type: ignore[override]
        """The pieces of the current epoch: all of a batch of documents, then those of the next."""
        import numpy as np

        offsets = self.streams._tokens.offsets
        return [
            piece
            for rows in super().batches()
            for piece in _pieces(
                offsets[rows], offsets[rows + 1], self.streams.bptt, np.zeros(len(rows), dtype=np.int64)
            )
        ]


def _pieces(
    starts: NDArray[np.int64], stops: NDArray[np.int64], steps: int, warm: NDArray[np.int64]
) -> Iterator[Piece]:
    """From `starts` to `stops`, `steps` at a time; the first `warm` of each row are skipped."""
    import numpy as np

    longest = int((stops - starts).max(initial=0))
    for done in range(0, longest, steps):
        first = np.minimum(starts + done, stops)
        last = np.minimum(first + steps, stops)
        yield Piece(first, last, done > 0, np.clip(warm - done, 0, steps))


def _taken(ragged: Ragged, places: NDArray[np.int64]) -> NDArray[Any]:
    import numpy as np

    flat = ragged.flat.view(np.ndarray)
    return flat[places] if len(flat) else np.zeros(places.shape, dtype=flat.dtype)
