"""`gated`: attention whose scores pass a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.plugin import PoolerSpec

if TYPE_CHECKING:
    from kerasseq_poolers.layers import GatedPooling

__all__ = ["Gated"]


class Gated(PoolerSpec):
    """Gated attention (Ilse, Tomczak & Welling, 2018): a weighted mean whose scores are a tanh times a sigmoid, since
    tanh alone is nearly linear around zero. The report shows its weights over test texts."""

    name: str = "gated"
    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the hidden layer that scores a word, and of its gate."""

    def build(self, directions: int) -> GatedPooling:
        """Return a `GatedPooling` layer, which gives `(pooled, weights)`."""
        from kerasseq_poolers.layers import GatedPooling

        return GatedPooling(self.units, name="gated", dtype="float32")
