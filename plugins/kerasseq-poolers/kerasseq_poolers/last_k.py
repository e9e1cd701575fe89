"""`last_k`: the mean of the states after which little is left to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.plugin import PoolerSpec

if TYPE_CHECKING:
    from kerasseq_poolers.layers import LastKPooling

__all__ = ["LastK"]


class LastK(PoolerSpec):
    """Mean of the last `k` states of each direction: of a backward half those are its states at the first `k` words.
    `k = 1` is the last pooling of Lee & Dernoncourt (2016). A text of fewer words gives the mean of all."""

    name: str = "last_k"
    k: Annotated[int, Field(ge=1, le=1024)] = 3
    """How many states, in words."""

    def build(self, directions: int) -> LastKPooling:
        """Return a `LastKPooling` layer."""
        from kerasseq_poolers.layers import LastKPooling

        return LastKPooling(self.k, directions, name="last_k", dtype="float32")
