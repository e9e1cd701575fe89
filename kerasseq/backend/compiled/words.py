"""What words say to a recurrent layer, computed once while the weights stay as they are.

The vector of a word times the kernel is the same wherever the word stands, and few words are most of any text. While a
table is answered nothing learns, so that each word is multiplied once and copied from then on: a layer over vectors of
words is left with the products of its recurrence.
"""

# V words, D features, N steps, W columns of all kernels

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numba
import numpy as np
import torch

from kerasseq.backend.words import kept, noted

__all__ = ["Known", "Words", "known_words"]

Array = Any

ROOM = 1 << 28
"""Bytes for the products of words, for each layer that reads them; when it is full all are forgotten, and those of
frequent words soon stand there again."""

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


class Known(NamedTuple):
    """Products of words with kernels.

    Attributes:
        products: `(words, W)`, the columns of each kernel behind those of the kernel before.
        places: Of each step its row of them, `(N,)` int32.
    """

    products: Array
    places: Array


class Words:
    """The products of words with the kernels of the directions that read them.

    Args:
        vectors: Of the words, a tensor `(V, D)`; held, as the kernels are.
        kernels: `(D, G H)` each.
    """

    def __init__(self, vectors: Any, kernels: Sequence[Any]) -> None:
        self._held = vectors, kernels
        self._vectors = vectors.detach()
        self._kernel = torch.cat([kernel.detach() for kernel in kernels], dim=1)
        wide = self._kernel.shape[1]
        self._products = np.empty((max(min(len(vectors), ROOM // (4 * wide)), 1), wide), dtype=np.float32)
        self._places = np.full(len(vectors), -1, dtype=np.int32)
        self._count = 0

    def of(self, ids: Array) -> Known | None:
        """Those of the words `ids` `(N,)`; None where they are too many."""
        places, new = _placed(ids, self._places, self._count)
        if self._count + len(new) > len(self._products):
            self._places.fill(-1)
            self._count = 0
            places, new = _placed(ids, self._places, 0)
            if len(new) > len(self._products):
                self._places.fill(-1)
                return None
        if len(new):
            into = self._products[self._count : self._count + len(new)]
            torch.mm(self._vectors[torch.from_numpy(new)], self._kernel, out=torch.from_numpy(into))
            self._count += len(new)
        return Known(self._products, places)


@compiled
def _placed(ids: Any, places: Any, count: int) -> Any:
    """Of each word its place, and the words that had none: they get the next ones, from `count` on."""
    found = np.empty(len(ids), dtype=np.int32)
    new = np.empty(len(ids), dtype=np.int32)
    more = 0
    for i in range(len(ids)):
        if places[ids[i]] < 0:
            places[ids[i]] = count + more
            new[more] = ids[i]
            more += 1
        found[i] = places[ids[i]]
    return found, new[:more]


def known_words(x: Any, kernels: Sequence[Any]) -> Known | None:
    """The products of `x` `(B, T, D)` with kernels `(D, G H)`, if words made it and nothing learns; else None."""
    found = noted(x)
    if found is None:
        return None
    ids, vectors = found
    words: Words = kept(
        tuple(tensor.data_ptr() for tensor in (vectors, *kernels)), lambda: Words(vectors, kernels)
    )  # which holds them
    return words.of(ids.reshape(-1).numpy())
