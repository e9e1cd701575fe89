"""Tokens drawn from the filtered distribution of the model."""

# R rows, V tokens of the vocabulary

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq_runtime.searches.filters import kept, penalised
from kerasseq_runtime.searches.one_by_one import OneByOne

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Sampling", "drawn"]


@dataclass(frozen=True)
class Sampling(OneByOne):
    """A token drawn from `kerasseq_runtime.searches.filters.filtered`, whose settings these are."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0

    def choose(
        self, logits: NDArray[np.floating], seen: NDArray[np.bool_], draws: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """A token of each row, `(R,)`."""
        values = penalised(logits, seen, self.repetition_penalty)
        ids, shares = kept(values, self.temperature, self.top_k, self.top_p, self.min_p)
        places = drawn(shares, draws)
        return places if ids is None else ids[range(len(ids)), places]


def drawn(shares: NDArray[np.float64], draws: NDArray[np.float64]) -> NDArray[np.int64]:
    """The token of each row whose part of [0, 1), in the order of the ids, holds the row's draw, `(R,)`.

    Args:
        shares: Distributions, `(R, V)`.
        draws: Numbers in [0, 1), `(R,)`.

    >>> import numpy as np
    >>> drawn(np.array([[0.5, 0.0, 0.5]] * 3), np.array([0.0, 0.49, 0.5])).tolist()
    [0, 0, 2]
    """
    import numpy as np

    ends = shares.cumsum(axis=1)
    found: NDArray[np.int64] = (ends <= (draws * ends[:, -1])[:, None]).sum(axis=1)
    if (found == shares.shape[1]).any():
        # Rounding may put a draw on the very end, behind which nothing has a probability
        found = np.minimum(found, shares.shape[1] - 1 - (shares[:, ::-1] > 0).argmax(axis=1))
    return found
