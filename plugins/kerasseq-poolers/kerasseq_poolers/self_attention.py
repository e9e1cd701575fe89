"""`self_attention`: several weighted means of the text, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.plugin import PoolerSpec

if TYPE_CHECKING:
    from kerasseq_poolers.layers import SelfAttentionPooling

__all__ = ["SelfAttention"]


class SelfAttention(PoolerSpec):
    """Structured self-attention (Lin et al., 2017): each head is a weighted mean of its own; the heads stand side by
    side, so the vector is `heads` times as long as the encoder's. The report shows the mean weights of the heads.

    The penalty of the paper, which keeps the heads apart, is not part of it: the loss is the task's alone.
    """

    name: str = "self_attention"
    heads: Annotated[int, Field(ge=1, le=64)] = 4
    """How many weighted means, `r` in the paper (30 there)."""
    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the hidden layer that scores a word, `d_a` in the paper (350 there)."""
    penalty: Annotated[float, Field(ge=0)] = 0.0
    """How much training keeps the heads apart: coefficient of the paper's penalty, 1 there; 0 lets them be alike."""

    def build(self, directions: int) -> SelfAttentionPooling:
        """Return a `SelfAttentionPooling` layer, which gives `(pooled, weights)`."""
        from kerasseq_poolers.layers import SelfAttentionPooling

        return SelfAttentionPooling(self.heads, self.units, self.penalty, name="self_attention", dtype="float32")
