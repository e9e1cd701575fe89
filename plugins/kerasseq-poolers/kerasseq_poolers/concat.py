"""`concat`: several poolers end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from kerasseq.plugin import Last, Max, Mean, PoolerSpec, Sum
from kerasseq_poolers.conv2d import Conv2D
from kerasseq_poolers.gated import Gated
from kerasseq_poolers.hierarchical import Hierarchical
from kerasseq_poolers.last_k import LastK
from kerasseq_poolers.self_attention import SelfAttention
from kerasseq_poolers.top_k_mean import TopKMean

if TYPE_CHECKING:
    from kerasseq_poolers.layers import ConcatPooling

__all__ = ["Concat"]

Part = Literal[
    "mean", "sum", "max", "last", "self_attention", "gated", "last_k", "top_k_mean", "hierarchical", "conv2d"
]

_THEIRS = (Mean(name="mean"), Sum(name="sum"), Max(name="max"), Last(name="last"))

_OURS = (SelfAttention(), Gated(), LastK(), TopKMean(), Hierarchical(), Conv2D())

_PARTS: dict[str, PoolerSpec] = {spec.name: spec for spec in (*_THEIRS, *_OURS)}


class Concat(PoolerSpec):
    """Several poolers of the same states, end to end: last, max and mean are the concat pooling of Howard & Ruder
    (2018). Each has its default settings. Weights of attention are not given on."""

    name: str = "concat"
    of: Annotated[tuple[Part, ...], Field(min_length=2, max_length=8)] = ("last", "max", "mean")
    """Names of the poolers, in the order of their vectors."""

    def build(self, directions: int) -> ConcatPooling:
        """Return a `ConcatPooling` layer."""
        from kerasseq_poolers.layers import ConcatPooling

        return ConcatPooling([_PARTS[name].build(directions) for name in self.of], name="concat", dtype="float32")
