"""Beam search with the length normalisation of Wu et al. (2016)."""

# N prompts, K beginnings of a text that are kept, R of all prompts together, V tokens of the vocabulary

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasseq_runtime.errors import RunError, UsageError
from kerasseq_runtime.searches.filters import forbid, log_softmax
from kerasseq_runtime.searches.search import DEAD_END, Limits, Search, Stepper, Told, Written, check_limits, checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BeamSearch"]


@dataclass(frozen=True)
class BeamSearch(Search):
    """The likeliest of the texts that begin with what was likeliest at every step.

    At each step the `width` likeliest beginnings that have not ended go on. One that ends is a text if it is among the
    `width` likeliest of its step, ended or not; one that reaches the longest length is a text, too. The search is over
    once no beginning can become better than the worst text that would be given back.

    Attributes:
        width: K.
        n_best: Texts for each prompt, at most `width`.
        length_normalisation: In [0, 1], see `normalised`.
        coverage: Factor of the coverage penalty of Wu et al. (2016), at least 0: what a step of a text that was not
            attended to costs.
    """

    width: int = 5
    n_best: int = 1
    length_normalisation: float = 0.6
    coverage: float = 0.0

    def write(
        self,
        stepper: Stepper,
        prompts: Sequence[NDArray[np.int64]],
        limits: Limits,
        seed: int = 0,
        told: Told | None = None,
    ) -> list[list[Written]]:
        """Continue each prompt, see `Search.write`; nothing is drawn, and `told` hears of the best texts at the end.

        Where less than `n_best` texts have a probability above 0, there are fewer.
        """
        import numpy as np

        size = stepper.vocabulary_size
        left = check_limits(limits, size)
        if self.width > left:
            raise UsageError(f"search.width: must be at most the {left} tokens that may be written, got {self.width}")
        if not prompts:
            return []
        beams = [_Beams(self) for _ in prompts]
        raw, state = stepper.start(prompts)
        for length in range(1, limits.max_length + 1):
            going = [beam for beam in beams if beam.live]
            gains = log_softmax(checked(raw, sum(len(beam.live) for beam in going), size))
            gains = forbid(gains, limits.forbidden)  # (R, V)
            covered = self._covered(stepper, state, len(gains))
            rows: list[int] = []
            first = 0
            for beam in going:
                last = first + len(beam.live)
                beam.covered = covered[first:last]
                rows += [first + parent for parent in beam.grow(gains[first:last], length, limits)]
                first = last
            if not rows:
                break
            state = stepper.take(state, np.array(rows, dtype=np.int64))
            ids = [text.ids[-1] for beam in going for text in beam.live]
            raw, state = stepper.step(np.array(ids, dtype=np.int64), state)
        found = [beam.best() for beam in beams]
        if not all(found):
            raise RunError(DEAD_END)
        if told is not None:
            for place, texts in enumerate(found):
                for token in texts[0].ids.tolist():
                    told(place, token)
        return found

    def _covered(self, stepper: Stepper, state: Any, rows: int) -> list[float]:
        """What is added to the rank of each row, if its text ends here."""
        if not self.coverage:
            return [0.0] * rows
        told = getattr(stepper, "coverage", None)
        if told is None:
            raise UsageError(f"search.coverage: must be 0 for a model that reads no other text, got {self.coverage}")
        return [self.coverage * float(found) for found in told(state)]

    def normalised(self, log_probability: float, length: int) -> float:
        """What texts are ranked by: `log_probability / ((5 + length) / 6) ** length_normalisation`.

        Args:
            log_probability: Of all tokens.
            length: How many there are, what ended the text included.
        """
        return log_probability / math.pow((5 + length) / 6, self.length_normalisation)


class _Text(NamedTuple):
    ids: tuple[int, ...]
    log_probability: float


@dataclass
class _Beams:
    """The beginnings and the texts of one prompt."""

    search: BeamSearch
    live: list[_Text] = field(default_factory=lambda: [_Text((), 0.0)])
    ended: dict[tuple[int, ...], tuple[float, float, bool]] = field(default_factory=dict)
    """Ids of a text -> its rank, its log probability, and whether it was ended by a token."""
    covered: list[float] = field(default_factory=list)
    """What is added to the rank of a text that ends behind each beginning, at most 0."""

    def grow(self, gains: NDArray[np.float64], length: int, limits: Limits) -> list[int]:
        """Take the step to texts of `length` tokens.

        Args:
            gains: Log probabilities of the next token behind each beginning, `(K, V)`.
            length: Tokens behind the step.
            limits: See there.

        Returns:
            For each beginning that goes on the place of the one that it continues.
        """
        before, self.live = self.live, []
        parents: list[int] = []
        width = self.search.width
        for rank, (parent, token, total) in enumerate(_ranked(before, gains, width * (1 + len(limits.stop)))):
            text = before[parent].ids
            if token in limits.stop:
                if rank < width:
                    self._end(text, total, length, True, self.covered[parent])
            elif length == limits.max_length:
                if rank < width:
                    self._end((*text, token), total, length, False, self.covered[parent])
            elif len(parents) < width:
                self.live.append(_Text((*text, token), total))
                parents.append(parent)
        if self._over(limits):
            self.live, parents = [], []
        return parents

    def _end(self, ids: tuple[int, ...], total: float, length: int, by_token: bool, covered: float) -> None:
        """Keep a text; of two that differ in what ended them the likelier one."""
        known = self.ended.get(ids)
        if known is None or total > known[1]:
            self.ended[ids] = (self.search.normalised(total, length) + covered, total, by_token)

    def _over(self, limits: Limits) -> bool:
        """Whether no beginning can become one of the best texts: tokens only cost, and the longest pays least."""
        if not self.live or len(self.ended) < self.search.n_best:
            return not self.live
        worst = sorted((rank for rank, _, _ in self.ended.values()), reverse=True)[self.search.n_best - 1]
        return worst >= self.search.normalised(self.live[0].log_probability, limits.max_length)

    def best(self) -> list[Written]:
        """The texts, the best first; of equal ones that which was found first."""
        import numpy as np

        ranked = sorted(self.ended.items(), key=lambda item: -item[1][0])[: self.search.n_best]
        return [Written(np.array(ids, dtype=np.int64), total, ended) for ids, (_, total, ended) in ranked]


def _ranked(live: list[_Text], gains: NDArray[np.float64], most: int) -> list[tuple[int, int, float]]:
    """The likeliest continuations: which beginning, which token, log probability; of equal ones the first."""
    import numpy as np

    totals = (np.array([text.log_probability for text in live])[:, None] + gains).ravel()  # (K V,)
    if most < len(totals):
        least = np.partition(totals, -most)[-most]
        places = np.flatnonzero(totals >= least)
    else:
        places = np.arange(len(totals))
    places = places[np.argsort(-totals[places], kind="stable")][:most]
    places = places[totals[places] > -np.inf]
    size = gains.shape[1]
    return [(int(place) // size, int(place) % size, float(totals[place])) for place in places]
