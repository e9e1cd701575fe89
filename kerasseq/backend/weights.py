"""The weights of a recurrent layer."""

# D features, H units, G gates

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Weights"]

Tensor = Any


class Weights(NamedTuple):
    """A layer's weights as Keras holds them.

    Attributes:
        kernel: `(D, G H)`. Gates: LSTM i, f, g, o; GRU z, r, n.
        recurrent: `(H, G H)`.
        bias: `(G H,)`; of a GRU that resets after the multiplication `(2, G H)`; None without.
    """

    kernel: Tensor
    recurrent: Tensor
    bias: Tensor | None
