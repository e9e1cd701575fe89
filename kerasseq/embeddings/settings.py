"""What every embedding of ours can do besides looking up vectors."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kerasseq.spec import EmbeddingSpec

__all__ = ["VectorSettings"]

Rate = Annotated[float, Field(ge=0, lt=1)]


class VectorSettings(EmbeddingSpec):
    """Settings that `learned` and `pretrained` share."""

    word_dropout: Rate = 0.0
    """Probability in [0, 1) that a word of a training text is replaced by the unknown one."""
    layer_norm: bool = False
    """Normalise each vector (Ba et al., 2016; epsilon 1e-5), so that all words have vectors of one length."""
    dropout: Rate = 0.0
    """Dropout on the single numbers of the vectors, in [0, 1)."""
