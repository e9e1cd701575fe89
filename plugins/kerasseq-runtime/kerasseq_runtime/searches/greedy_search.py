"""The likeliest token at every step."""

# R rows, V tokens of the vocabulary

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq_runtime.searches.filters import penalised
from kerasseq_runtime.searches.one_by_one import OneByOne

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["GreedySearch"]


@dataclass(frozen=True)
class GreedySearch(OneByOne):
    """The likeliest token, of equally likely ones the one with the lowest id.

    Attributes:
        repetition_penalty: At least 1, see `kerasseq_runtime.searches.filters.penalised`.
    """

    repetition_penalty: float = 1.0

    def choose(
        self, logits: NDArray[np.floating], seen: NDArray[np.bool_], draws: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The largest logit of each row behind the penalty, `(R,)`."""
        found: NDArray[np.int64] = penalised(logits, seen, self.repetition_penalty).argmax(axis=1)
        return found
