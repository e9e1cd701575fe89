"""The products of a layer's input with its kernel, of some packed steps."""

# S valid steps, D features, H units, G gates, N known words, W columns of what is known of a word

from __future__ import annotations

from typing import Any

import numba

from kerasseq.backend.compiled.gemm import straight
from kerasseq.backend.compiled.packing import copy

__all__ = ["project"]

INLINED = "8d7e72dc7300"
"""Of the files that this one inlines: numba asks the text of this one alone whether it is to compile again."""


@numba.njit(nogil=True, cache=True, error_model="numpy")
def project(
    many: int, x: Any, kernel: Any, words: Any, places: Any, column: int, base: int, some: int, out: Any
) -> None:
    """Write the products of the steps `base` to `base + some` to the first rows of `out`.

    Args:
        many: What `straight` multiplies with.
        x: Packed, `(S, D)`; not looked at where words are known.
        kernel: `(D, G H)`.
        words: Products of known words, `(N, W)`, those of this kernel from `column` on.
        places: Of each packed step, the row of `words`, `(S,)`; empty to multiply.
        column: See above.
        base: The first step.
        some: How many.
        out: `(some, G H)` or more rows.
    """
    features, wide = kernel.shape
    if not len(places):
        straight(many, x[base:], features, kernel, wide, out, wide, some, wide, features, 0.0)
        return
    for step in range(some):
        copy(out[step], words[places[base + step], column : column + wide])
