"""`conv2d`: filters over time and features, and their largest answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.plugin import PoolerSpec

if TYPE_CHECKING:
    from kerasseq_poolers.layers import Conv2DPooling

__all__ = ["Conv2D"]


class Conv2D(PoolerSpec):
    """2-D convolution and 2-D max pooling over time and features (BLSTM-2DCNN: Zhou et al., 2016). Every text has the
    same number of parts, whatever its length, where the paper cuts all texts to one length. Costs memory of words
    times features times filters for each text."""

    name: str = "conv2d"
    filters: Annotated[int, Field(ge=1, le=1024)] = 100
    """How many filters."""
    window: Annotated[int, Field(ge=1, le=16)] = 3
    """Words, and features, that a filter sees at once."""
    group: Annotated[int, Field(ge=1, le=1024)] = 2
    """Neighbouring features of which the largest is taken."""
    parts: Annotated[int, Field(ge=1, le=64)] = 2
    """Parts of a text of which each gives its largest answers; 1 forgets the order."""

    def build(self, directions: int) -> Conv2DPooling:
        """Return a `Conv2DPooling` layer."""
        from kerasseq_poolers.layers import Conv2DPooling

        return Conv2DPooling(self.filters, self.window, self.group, self.parts, name="conv2d", dtype="float32")
