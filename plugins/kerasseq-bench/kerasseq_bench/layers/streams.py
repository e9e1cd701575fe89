"""Made-up texts of given lengths, how each system cuts them into batches, and which batches are timed."""

# N texts, B batch, T time

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq_bench.layers.cells import BATCH, VOCABULARY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MULTIPLE", "Plan", "Stream", "draw_lengths", "make_stream", "pad", "random_batches", "representative"]

TEXTS = 12_800
"""An epoch: 200 batches, four pools of 50."""
MULTIPLE = 8
DRAWS = 2000


@dataclass(frozen=True)
class Stream:
    """`N` texts, as ids end to end, with a number to learn for each.

    Attributes:
        flat: All ids, int32.
        offsets: `(N + 1,)`; text `i` is `flat[offsets[i]:offsets[i + 1]]`.
        targets: `(N, 1)` float32.
    """

    flat: NDArray[np.int32]
    offsets: NDArray[np.int64]
    targets: NDArray[np.float32]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each text, `(N,)`."""
        lengths: NDArray[np.int64] = self.offsets[1:] - self.offsets[:-1]
        return lengths


def draw_lengths(kind: str, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Lengths in words and punctuation marks.

    - `equal`: 64.
    - `imdb`: log-normal, mu 5.38, sigma 0.62, cut at 400. The reviews of IMDb cut at 400 have quartiles 151, 208, 342
      and 19 % of 400; this has 142, 217, 330 and 16 %.
    - `tweets`: normal, mean 24.4, deviation 8.6, in 1 to 64. ArSarcasm has quartiles 18, 25, 31 and the 1st and 99th
      percentile 5 and 42; this has 19, 24, 30, 4 and 44.
    """
    import numpy as np

    if kind == "equal":
        return np.full(count, 64)
    if kind == "imdb":
        return np.clip(np.rint(random.lognormal(5.38, 0.62, count)), 1, 400).astype(np.int64)
    return np.clip(np.rint(random.normal(24.4, 8.6, count)), 1, 64).astype(np.int64)


def make_stream(kind: str, texts: int = TEXTS, vocabulary: int = VOCABULARY) -> Stream:
    """The texts of a kind of lengths, the same ones in every process.

    Word ids are drawn by Zipf's law (the share of a word falls as 1 over its rank), for a gradient of an embedding and
    the caches of a processor see how often words repeat.
    """
    import numpy as np

    random = np.random.default_rng([7, *kind.encode()])
    lengths = draw_lengths(kind, texts, random)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.exp(random.random(int(offsets[-1])) * np.log(vocabulary)).astype(np.int32)
    flat = np.clip(flat, 1, vocabulary - 1)
    return Stream(flat, offsets, random.normal(size=(texts, 1)).astype(np.float32))


def pad(stream: Stream, rows: NDArray[np.int64], multiple: int = 1) -> NDArray[np.int32]:
    """The texts at `rows`, right-padded with 0 to the longest of them, or to the next `multiple`."""
    import numpy as np

    lengths = stream.lengths[rows]
    columns = np.arange(_padded(int(lengths.max()), multiple))
    valid = columns < lengths[:, None]
    out = np.zeros(valid.shape, dtype=np.int32)
    out[valid] = stream.flat[(stream.offsets[rows][:, None] + columns)[valid]]
    return out


def _padded(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple


def random_batches(stream: Stream, batch: int = BATCH) -> list[NDArray[np.int64]]:
    """Every text once in random order, cut into batches: what a plain data loader gives."""
    import numpy as np

    order = np.random.default_rng(3).permutation(len(stream.targets))
    return [order[i : i + batch] for i in range(0, len(order), batch)]


@dataclass(frozen=True)
class Plan:
    """The batches that a system makes of a stream.

    Attributes:
        batches: The rows of each batch.
        valid: Tokens of each batch.
        padded: B * T of each batch, as the system pads it.
    """

    batches: list[NDArray[np.int64]]
    valid: NDArray[np.float64]
    padded: NDArray[np.float64]

    @classmethod
    def of(cls, stream: Stream, batches: Sequence[NDArray[np.int64]], multiple: int = 1) -> Plan:
        """Count the tokens of `batches`, each padded to its longest text or to the next `multiple`."""
        import numpy as np

        lengths = [stream.lengths[rows] for rows in batches]
        padded = [len(found) * _padded(int(found.max()), multiple) for found in lengths]
        return cls(list(batches), np.array([float(found.sum()) for found in lengths]), np.array(padded, float))


def representative(plan: Plan, count: int) -> list[int]:
    """The numbers of `count` batches that stand for all of `plan`, in the order of the plan.

    A whole epoch of a slow system would take minutes, and a few batches taken at random would hold longer or shorter
    texts than the epoch does. So the batches are sorted by their padded size, cut into `count` strata, and one is taken
    from each: short, middling and long batches come in the share that they have in the epoch. Of many such draws the
    one is taken whose mean number of tokens, valid and padded, is closest to that of all batches.
    """
    import numpy as np

    total = len(plan.batches)
    count = min(count, total)
    order = np.lexsort((plan.valid, plan.padded))
    edges = np.linspace(0, total, count + 1).astype(int)  # stratum i: order[edges[i]:edges[i + 1]]
    drawn = np.random.default_rng(5).random((DRAWS, count))
    chosen = order[edges[:-1] + (drawn * np.diff(edges)).astype(int)]  # (DRAWS, count)
    error = sum(np.abs(tokens[chosen].mean(axis=1) / tokens.mean() - 1) for tokens in (plan.valid, plan.padded))
    return sorted(int(i) for i in chosen[int(np.argmin(error))])
