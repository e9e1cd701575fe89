"""A model small enough to be known by heart, for searches to write with."""

# N prompts, R rows in hand, S states, V tokens of the vocabulary

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Chain"]


class Chain:
    """What comes next hangs on one of S states, and each token that is read leads from one to another.

    After token `t` state `s` is state `(3 s + t + 1) % S`, so that a search which mixes rows up is found out. A
    `kerasseq.searches.search.Stepper`.

    Args:
        logits: Of the next token in each state, `(S, V)`.

    >>> import numpy as np
    >>> chain = Chain(np.log([[0.5, 0.5], [0.2, 0.8]]))
    >>> round(float(np.exp(chain.log_probability([], [0, 1]))), 3)  # 0.5 in state 0, then 0.8 in state 1
    0.4
    """

    def __init__(self, logits: NDArray[np.floating]) -> None:
        import numpy as np

        self.logits = np.asarray(logits, dtype=np.float32)

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return int(self.logits.shape[1])

    def start(self, prompts: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Read the prompts; an empty one stays in state 0."""
        import numpy as np

        state = np.array([self.read(prompt.tolist()) for prompt in prompts], dtype=np.int64)
        return self.logits[state], state

    def step(self, ids: NDArray[np.int64], state: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Read a token in each row, `(R,)`."""
        state = (3 * state + ids + 1) % len(self.logits)
        return self.logits[state], state

    def take(self, state: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The states of `rows`."""
        return state[rows]

    def read(self, ids: Sequence[int], state: int = 0) -> int:
        """The state behind some tokens."""
        for token in ids:
            state = (3 * state + token + 1) % len(self.logits)
        return state

    def log_probability(self, prompt: Sequence[int], ids: Sequence[int]) -> float:
        """Natural logarithm of the probability of `ids` behind a prompt."""
        import numpy as np

        total, state = 0.0, self.read(prompt)
        for token in ids:
            logits = self.logits[state].astype(np.float64)
            total += float(logits[token] - np.logaddexp.reduce(logits))
            state = self.read([token], state)
        return total
