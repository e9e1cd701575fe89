"""From logits to the probabilities that a token is drawn by: repetition penalty, temperature, top-k, top-p, min-p."""

# N rows, V tokens of the vocabulary

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Real = TypeVar("Real", bound=np.floating)

__all__ = ["filtered", "forbid", "kept", "log_softmax", "penalised"]


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
    ids, shares = kept(values, temperature, top_k, top_p, min_p)
    if ids is None:
        return shares
    found = np.zeros(values.shape)
    found[np.arange(len(found))[:, None], ids] = shares
    return found


def kept(
    values: NDArray[np.floating], temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, min_p: float = 0.0
) -> tuple[NDArray[np.int64] | None, NDArray[np.float64]]:
    """What `filtered` gives, without the tokens that top-k leaves out: with it no pass but one is over all of V.

    Args:
        values: Logits behind the penalty, `(N, V)`.
        temperature: See `filtered`.
        top_k: See `filtered`.
        top_p: See `filtered`.
        min_p: See `filtered`.

    Returns:
        Ids `(N, K)`, ascending, or None for all of V; and their probabilities, `(N, K)`, of which some are 0.

    >>> import numpy as np
    >>> ids, shares = kept(np.log([[0.05, 0.3, 0.15, 0.5]]), top_k=2)
    >>> ids.tolist(), shares.round(3).tolist()
    ([[1, 3]], [[0.375, 0.625]])
    """
    import numpy as np

    ids = None
    if 0 < top_k < values.shape[-1]:
        least = np.partition(values, -top_k, axis=-1)[..., -top_k, None]
        ids = np.flatnonzero(_largest(values, least, top_k)).reshape(-1, top_k) % values.shape[-1]
        values = values[np.arange(len(values))[:, None], ids]
    values = values.astype(np.float64)
    # The largest first becomes 0: however low the temperature, nothing overflows
    values -= values.max(axis=-1, keepdims=True)
    values /= temperature
    shares = _normalised(np.exp(values))
    if top_p < 1:
        shares = _normalised(np.where(_nucleus(shares, top_p), shares, 0.0))
    if min_p > 0:
        shares = _normalised(np.where(shares >= min_p * shares.max(axis=-1, keepdims=True), shares, 0.0))
    return ids, shares


def penalised(values: NDArray[Real], seen: NDArray[np.bool_], penalty: float) -> NDArray[Real]:
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
    places = np.flatnonzero(seen)  # few, of a large vocabulary
    found = values.copy()
    some = values.ravel()[places]
    found.reshape(-1)[places] = np.where(some > 0, some / penalty, some * penalty)
    return found


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


def _largest(
    values: NDArray[np.floating], least: NDArray[np.floating], count: NDArray[np.int64] | int
) -> NDArray[np.bool_]:
    """Where the `count` largest values of each row are, of equal ones the first, `(N, V)`.

    Args:
        values: `(N, V)`.
        least: The smallest of them, `(N, 1)`.
        count: One number, or `(N, 1)`.
    """
    found: NDArray[np.bool_] = values >= least
    if (found.sum(axis=-1, keepdims=True) != count).any():
        level = values == least
        found &= ~level
        room = count - found.sum(axis=-1, keepdims=True)
        found |= level & (level.cumsum(axis=-1) <= room)
    return found


def _nucleus(shares: NDArray[np.float64], least: float) -> NDArray[np.bool_]:
    """Where the fewest likeliest tokens are that have `least` together."""
    import numpy as np

    ranked = np.sort(shares, axis=-1)[:, ::-1]
    before = ranked.cumsum(axis=-1) - ranked
    count = (before < least).sum(axis=-1, keepdims=True)
    return _largest(shares, ranked[np.arange(len(shares))[:, None], count - 1], count)
