"""`top_k_mean`: between the largest value and the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.plugin import PoolerSpec

if TYPE_CHECKING:
    from kerasseq_poolers.layers import TopKMeanPooling

__all__ = ["TopKMean"]


class TopKMean(PoolerSpec):
    """Mean of the `k` largest values of each feature: k-max pooling (Kalchbrenner et al., 2014), averaged as in WELDON
    (Durand et al., 2016). `k = 1` is max; a text of fewer words gives the mean of all."""

    name: str = "top_k_mean"
    k: Annotated[int, Field(ge=1, le=1024)] = 3
    """How many values of each feature, in words."""

    def build(self, directions: int) -> TopKMeanPooling:
        """Return a `TopKMeanPooling` layer."""
        from kerasseq_poolers.layers import TopKMeanPooling

        return TopKMeanPooling(self.k, name="top_k_mean", dtype="float32")
