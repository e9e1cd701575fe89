"""`hierarchical`: the largest of the means of short windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.plugin import PoolerSpec

if TYPE_CHECKING:
    from kerasseq_poolers.layers import HierarchicalPooling

__all__ = ["Hierarchical"]


class Hierarchical(PoolerSpec):
    """Mean of each window of successive words, then the largest of each feature: SWEM-hier (Shen et al., 2018), which
    sees the order of words inside a window. `window = 1` is max; a shorter text gives the mean of all."""

    name: str = "hierarchical"
    window: Annotated[int, Field(ge=1, le=64)] = 5
    """Size of a window, in words."""

    def build(self, directions: int) -> HierarchicalPooling:
        """Return a `HierarchicalPooling` layer."""
        from kerasseq_poolers.layers import HierarchicalPooling

        return HierarchicalPooling(self.window, name="hierarchical", dtype="float32")
