"""Texts that are written token after token, each token for good: the loop behind `greedy` and `sample`."""

# N prompts, R of them whose text has not ended, V tokens of the vocabulary

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasseq_runtime.errors import RunError
from kerasseq_runtime.searches.filters import log_softmax
from kerasseq_runtime.searches.search import DEAD_END, Limits, Search, Stepper, Told, Written, check_limits, checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["OneByOne"]


class OneByOne(Search):
    """Base of searches that write one text a prompt and take no token back; `choose` says which token comes.

    A text that has ended leaves the batch. Each prompt has a generator of its own, `default_rng([seed, place])`, and
    one number of it for each token, so that its text does not hang on its neighbours.
    """

    @abstractmethod
    def choose(
        self, logits: NDArray[np.float64], seen: NDArray[np.bool_], draws: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The next token of each row, `(R,)`; a row must be chosen as if it stood alone.

        Args:
            logits: `(R, V)`, -inf for what must not be written; every row has a finite one.
            seen: `(R, V)`: the tokens that prompt and text have already.
            draws: `(R,)`: a number drawn from [0, 1) for each row.
        """

    def write(
        self,
        stepper: Stepper,
        prompts: Sequence[NDArray[np.int64]],
        limits: Limits,
        seed: int = 0,
        told: Told | None = None,
    ) -> list[list[Written]]:
        """Continue each prompt by one text, see `Search.write`; `told` hears of each token when it is chosen."""
        import numpy as np

        size = stepper.vocabulary_size
        check_limits(limits, size)
        if not prompts:
            return []
        randoms = [np.random.default_rng([seed, place]) for place in range(len(prompts))]
        texts: list[list[int]] = [[] for _ in prompts]
        totals = np.zeros(len(prompts))
        ended = np.zeros(len(prompts), dtype=bool)
        seen = np.zeros((len(prompts), size), dtype=bool)
        for row, prompt in enumerate(prompts):
            seen[row, prompt[prompt < size]] = True  # what may be read and never written has no place
        places = np.arange(len(prompts))  # (R,): which prompts are in hand
        stops, never = np.zeros(size, dtype=bool), np.zeros(size)
        stops[list(limits.stop)] = True
        never[list(limits.forbidden)] = -np.inf
        raw, state = stepper.start(prompts)
        for length in range(1, limits.max_length + 1):
            logits = checked(raw, len(places), size)
            draws = np.array([randoms[place].random() for place in places])
            ids = self.choose(_possible(logits, never), seen[places], draws)
            totals[places] += log_softmax(logits)[np.arange(len(ids)), ids]
            done = stops[ids]
            ended[places[done]] = True
            left = np.flatnonzero(~done)
            for place, token in zip(places[left].tolist(), ids[left].tolist(), strict=True):
                texts[place].append(token)
                if told is not None:
                    told(place, token)
            if not len(left) or length == limits.max_length:
                break
            seen[places[left], ids[left]] = True
            if done.any():
                places, ids, state = places[left], ids[left], stepper.take(state, left)
            raw, state = stepper.step(ids, state)
        found = zip(texts, totals.tolist(), ended.tolist(), strict=True)
        return [[Written(np.array(ids, dtype=np.int64), total, end)] for ids, total, end in found]


def _possible(logits: NDArray[np.float64], never: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logits without forbidden tokens, of which `never` `(V,)` is -inf.

    Raises:
        RunError: A row has none left.
    """
    left = logits + never
    if (left.max(axis=1) == float("-inf")).any():
        raise RunError(DEAD_END)
    return left
