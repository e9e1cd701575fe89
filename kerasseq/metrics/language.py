"""Scores of a language model: how surprised it is by a text."""

# N passages, T tokens of one, B draws of a chunk

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kerasseq.metrics.bootstrap import Measure, bootstrap_scores
from kerasseq.metrics.scores import Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["language_measure", "language_scores"]


def language_scores(
    log_probabilities: Sequence[NDArray[np.floating]],
    characters: NDArray[np.int64],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Score]:
    """Score a language model by the tokens of N passages, each score with a bootstrap interval over passages.

    Args:
        log_probabilities: Of each passage the natural logarithm of the probability of each token, `(T,)`.
        characters: Characters of each passage, `(N,)`.
        resamples: Draws of the bootstrap, at least 1.
        confidence: Share of the draws inside the interval, in (0, 1).
        seed: The same seed gives the same intervals.

    Returns:
        `perplexity`, `nats_per_token` (its logarithm, the cross entropy), and `bits_per_character`, which alone can be
        compared between models of other tokens, as far as these know the text: an unknown token is one guess, whatever
        it is spelled like.

    Raises:
        ValueError: There are no passages, or not as many as `characters`.
    """
    measure = language_measure(log_probabilities, characters)
    rows = len(log_probabilities)
    return bootstrap_scores(measure, rows, {}, resamples=resamples, confidence=confidence, seed=seed)


def language_measure(log_probabilities: Sequence[NDArray[np.floating]], characters: NDArray[np.int64]) -> Measure:
    """The scores of `language_scores` as a function of the passages that are drawn."""
    import numpy as np

    if len(log_probabilities) != len(characters) or not len(characters):
        got = f"{len(log_probabilities)} and {len(characters)}"
        raise ValueError(f"log_probabilities and characters must be of one length from 1, got {got}")
    nats = np.array([-float(np.sum(row, dtype=np.float64)) for row in log_probabilities])
    tokens = np.array([len(row) for row in log_probabilities], dtype=np.float64)

    def measure(index: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        total, count, letters = (values[index].sum(axis=1) for values in (nats, tokens, characters))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            each = total / count
            return {
                "perplexity": np.exp(each),
                "nats_per_token": each,
                "bits_per_character": total / letters / math.log(2),
            }

    return measure
