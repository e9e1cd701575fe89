"""From logits to the probabilities that a token is drawn by: repetition penalty, temperature, top-k, top-p, min-p."""

# N rows, V tokens of the vocabulary

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["filtered", "forbid", "log_softmax", "penalised"]


def filtered(
    logits: NDArray[np.floating],
    seen: NDArray[np.bool_] | None = None,
    forbidden: Sequence[int] = (),
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    min_p: float = 0.0,
    repetition_penalty: float = 1.0,
) -> NDArray[np.float64]:
    """The distribution that the next token is drawn from.

    In this order: forbidden tokens are left out; the repetition penalty; the temperature; then of what is left the
    `top_k` likeliest tokens; of these, as a distribution again, the fewest likeliest ones that have `top_p` together;
    of these the ones that are at least `min_p` times as likely as the likeliest. What stays adds up to 1. Of equally
    likely tokens those with the lower ids come first. The defaults change nothing.

    Args:
        logits: `(N, V)`; -inf for tokens that cannot come.
        seen: `(N, V)`: which tokens each text has already, for the penalty.
        forbidden: Tokens with probability 0.
        temperature: Divides the logits, above 0.
        top_k: At least 1, or 0 for all (Fan et al., 2018).
        top_p: In (0, 1]; 1 for all (Holtzman et al., 2020).
        min_p: In [0, 1); 0 for all (Nguyen et al., 2024).
        repetition_penalty: At least 1, see `penalised`.

    Returns:
        `(N, V)` float64.

    >>> import numpy as np
    >>> logits = np.log([[0.5, 0.3, 0.15, 0.05]])
    >>> filtered(logits, top_k=2).round(3).tolist()
    [[0.625, 0.375, 0.0, 0.0]]
    >>> filtered(logits, top_p=0.9).round(3).tolist()
    [[0.526, 0.316, 0.158, 0.0]]
    >>> filtered(logits, min_p=0.5).round(3).tolist()
    [[0.625, 0.375, 0.0, 0.0]]
    """
    import numpy as np

    values = np.asarray(logits, dtype=np.float64)
    if len(forbidden):
        values = forbid(values, forbidden)
    if seen is not None:
        values = penalised(values, seen, repetition_penalty)
    # The largest first becomes 0: however low the temperature, nothing overflows
    values = (values - values.max(axis=-1, keepdims=True)) / temperature
    if 0 < top_k < values.shape[-1]:
        values = np.where(_likeliest(values, top_k), values, -np.inf)
    shares = _normalised(np.exp(values))
    if top_p < 1:
        shares = _normalised(np.where(_nucleus(shares, top_p), shares, 0.0))
    if min_p > 0:
        shares = _normalised(np.where(shares >= min_p * shares.max(axis=-1, keepdims=True), shares, 0.0))
    return shares


def penalised(values: NDArray[np.float64], seen: NDArray[np.bool_], penalty: float) -> NDArray[np.float64]:
    """Logits with those of tokens that a text has already made less likely (Keskar et al., 2019, CTRL).

    Their logits are divided by the penalty, as there; a negative one is multiplied, since dividing would raise it.

    Args:
        values: Logits, `(N, V)`.
        seen: `(N, V)`.
        penalty: At least 1, which changes nothing.
    """
    import numpy as np

    if penalty == 1:
        return values
    return np.where(seen, np.where(values > 0, values / penalty, values * penalty), values)


def forbid(values: NDArray[np.float64], forbidden: Sequence[int]) -> NDArray[np.float64]:
    """Logits, or logarithms, with -inf for forbidden tokens; a copy."""
    import numpy as np

    values = values.copy()
    values[..., list(forbidden)] = -np.inf
    return values


def log_softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Natural logarithms of the softmax over the last axis; -inf where a logit is."""
    import numpy as np

    values = values - values.max(axis=-1, keepdims=True)
    total: NDArray[np.float64] = np.log(np.exp(values).sum(axis=-1, keepdims=True))
    return values - total


def _normalised(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    total: NDArray[np.float64] = shares.sum(axis=-1, keepdims=True)
    return shares / total


def _likeliest(values: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Where the `count` largest values are, of equal ones the first."""
    import numpy as np

    least = np.partition(values, -count, axis=-1)[..., -count, None]
    above, level = values > least, values == least
    room = count - above.sum(axis=-1, keepdims=True)
    found: NDArray[np.bool_] = above | (level & (level.cumsum(axis=-1) <= room))
    return found


def _nucleus(shares: NDArray[np.float64], least: float) -> NDArray[np.bool_]:
    """Where the fewest likeliest tokens are that have `least` together."""
    import numpy as np

    order = (-shares).argsort(axis=-1, kind="stable")
    rows = np.arange(len(shares))[:, None]
    ranked = shares[rows, order]
    before = ranked.cumsum(axis=-1) - ranked
    found = np.zeros(shares.shape, dtype=bool)
    found[rows, order] = before < least
    return found
