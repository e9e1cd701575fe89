"""How much of an answer is the network's: fitted on rows that neither part has seen."""

# N rows, K numbers of an answer

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.wide.linear import losses

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["blended_classes", "blended_numbers"]

GAIN = 2.0
"""How much likelier the truth must be with the network than without it, in nats over all rows, to give it a share: one
for its number (Akaike, 1974), and one for the epoch that was chosen on the same rows."""

PRIOR = 1.0
"""What a share of 1 that nothing speaks for costs, in nats: few rows move the answer away from the linear model's."""


def blended_classes(
    network: NDArray[Any], wide: NDArray[Any], truth: NDArray[Any], weights: NDArray[Any]
) -> tuple[float, float]:
    """The two factors of the logits, at least 0, that make the truth likeliest.

    Args:
        network: `(N, K)` logits.
        wide: `(N, K)` logits.
        truth: `(N,)` integers, or `(N, K)` distributions.
        weights: `(N,)`, with mean 1.
    """
    own, other = (np.asarray(logits, dtype=np.float64) for logits in (network, wide))

    def cost(factors: NDArray[np.float64]) -> float:
        return float((weights * losses(factors[0] * own + factors[1] * other, truth)).sum())

    return _factors(cost)


def blended_numbers(
    network: NDArray[Any], wide: NDArray[Any], truth: NDArray[Any], weights: NDArray[Any]
) -> tuple[float, float]:
    """Two factors of sum 1, at least 0, with the least squared error; all `(N,)`."""
    own, other, true = (np.asarray(values, dtype=np.float64) for values in (network, wide, truth))

    def cost(factors: NDArray[np.float64]) -> float:
        a = factors[0] / max(factors.sum(), 1e-9)
        error = a * own + (1 - a) * other - true
        mean = float((weights * error**2).sum() / weights.sum())
        return len(true) / 2 * float(np.log(max(mean, np.finfo(float).tiny)))

    a, b = _factors(cost)
    return a / (a + b), b / (a + b)


def _factors(cost: Callable[[NDArray[np.float64]], float]) -> tuple[float, float]:
    from scipy.optimize import minimize

    def whole(factors: NDArray[np.float64]) -> float:
        return cost(factors) + PRIOR * float(factors[0] ** 2 + (factors[1] - 1) ** 2)

    starts = [np.array([a, 1 - a]) for a in (0.1, 0.5, 0.9)]
    found = min((minimize(whole, x, bounds=[(0, 3), (0, 3)]) for x in starts), key=lambda f: float(f.fun))
    alone = np.array([0.0, 1.0])
    if cost(alone) - cost(found.x) < GAIN:
        return 0.0, 1.0
    return float(found.x[0]), float(found.x[1])
