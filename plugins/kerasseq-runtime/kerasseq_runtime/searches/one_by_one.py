"""Texts that are written token after token, each token for good: the loop behind `greedy` and `sample`."""

# N prompts, R of them whose text has not ended, V tokens of the vocabulary

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasseq_runtime.errors import RunError
from kerasseq_runtime.searches.search import (
    DEAD_END,
    Limits,
    Search,
    Stepper,
    Told,
    Written,
    check_limits,
    check_logits,
)

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
        self, logits: NDArray[np.floating], seen: NDArray[np.bool_], draws: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The next token of each row, `(R,)`; a row must be chosen as if it stood alone.

        Args:
            logits: `(R, V)`, of the model's float type, -inf for what must not be written; every row has a finite one.
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
        draws = _Draws(seed, len(prompts))
        lines = _Lines(len(prompts))
        totals = np.zeros(len(prompts))
        seen = np.zeros((len(prompts), size), dtype=bool)
        for row, prompt in enumerate(prompts):
            seen[row, prompt[prompt < size]] = True  # what may be read and never written has no place
        places = np.arange(len(prompts))  # (R,): which prompts are in hand
        stops, never = np.zeros(size, dtype=bool), np.zeros(size, dtype=np.float32)
        stops[list(limits.stop)] = True
        never[list(limits.forbidden)] = -np.inf
        raw, state = stepper.start(prompts)
        for length in range(1, limits.max_length + 1):
            best = check_logits(raw, len(places), size)
            ids = self.choose(_possible(raw, never), seen, draws.next(places))
            totals[places] += _log_probability(raw, best, ids)
            done = stops[ids]
            if done.any():
                left = np.flatnonzero(~done)
                lines.end(places[done])
                places, ids, seen = places[left], ids[left], seen[left]
                if not len(left):
                    break
                state = stepper.take(state, left)
            lines.add(places, ids)
            if told is not None:
                over = np.array([bool(told(*each)) for each in zip(places.tolist(), ids.tolist(), strict=True)])
                if over.any():
                    lines.end(places[over])
                    left = np.flatnonzero(~over)
                    places, ids, seen, state = places[left], ids[left], seen[left], stepper.take(state, left)
            if length == limits.max_length or not len(places):
                break
            seen[np.arange(len(ids)), ids] = True
            raw, state = stepper.step(ids, state)
        return [[Written(ids, total, end)] for (ids, end), total in zip(lines.texts(), totals.tolist(), strict=True)]


class _Draws:
    """A number in [0, 1) for each token of each prompt, of a generator of the prompt's own."""

    AHEAD = 64

    def __init__(self, seed: int, count: int) -> None:
        import numpy as np

        self._randoms = [np.random.default_rng([seed, place]) for place in range(count)]
        self._drawn = np.empty((count, self.AHEAD))
        self._place = self.AHEAD

    def next(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Those of `places`, `(R,)`."""
        if self._place == self.AHEAD:
            for place in places.tolist():
                self._drawn[place] = self._randoms[place].random(self.AHEAD)
            self._place = 0
        self._place += 1
        found: NDArray[np.float64] = self._drawn[places, self._place - 1]
        return found


class _Lines:
    """The texts as they grow: at every step a token for some of them."""

    def __init__(self, count: int) -> None:
        import numpy as np

        self._steps: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self._lengths = np.zeros(count, dtype=np.int64)
        self._ended = np.zeros(count, dtype=bool)

    def add(self, places: NDArray[np.int64], ids: NDArray[np.int64]) -> None:
        """A token behind each text of `places`."""
        self._steps.append((places, ids))
        self._lengths[places] += 1

    def end(self, places: NDArray[np.int64]) -> None:
        """These were ended by a token."""
        self._ended[places] = True

    def texts(self) -> list[tuple[NDArray[np.int64], bool]]:
        """Ids of each text, and whether a token ended it."""
        import numpy as np

        found = np.zeros((len(self._lengths), len(self._steps)), dtype=np.int64)
        for step, (places, ids) in enumerate(self._steps):
            found[places, step] = ids
        return [
            (row[:length].copy(), end)
            for row, length, end in zip(found, self._lengths, self._ended.tolist(), strict=True)
        ]


def _possible(logits: NDArray[np.floating], never: NDArray[np.float32]) -> NDArray[np.floating]:
    """Logits without forbidden tokens, of which `never` `(V,)` is -inf.

    Raises:
        RunError: A row has none left.
    """
    left = logits + never
    if (left.max(axis=1) == float("-inf")).any():
        raise RunError(DEAD_END)
    return left


def _log_probability(
    logits: NDArray[np.floating], best: NDArray[np.floating], ids: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Natural logarithm of the probability of a token of each row, `(R,)`.

    Args:
        logits: `(R, V)`.
        best: The largest of each row, `(R,)`.
        ids: The tokens, `(R,)`.
    """
    import numpy as np

    shifted = logits - best[:, None]
    chosen = shifted[np.arange(len(ids)), ids].astype(np.float64)
    total = np.exp(shifted, out=shifted).sum(axis=1, dtype=np.float64)
    found: NDArray[np.float64] = np.minimum(chosen - np.log(total), 0.0)
    return found
