"""`transformer`: a block of self-attention, to stand beside the recurrent ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from kerasseq.plugin import EncoderSpec

if TYPE_CHECKING:
    from kerasseq.plugin import Stack

__all__ = ["Transformer"]


class Transformer(EncoderSpec):
    """One block of the encoder of Vaswani et al. (2017): self-attention and two dense layers, each with a residual
    connection and layer normalisation behind it; places are told by sines.

    Every step looks at every other: time and memory grow with the square of a text's length.
    """

    name: str = "transformer"
    units: Annotated[int, Field(ge=2, le=8192)] = 128
    """Width of a step; even, and a multiple of `heads`."""
    heads: Annotated[int, Field(ge=1, le=64)] = 4
    """Ways to look, of `units / heads` numbers each."""
    hidden: Annotated[int, Field(ge=1, le=32768)] = 256
    """Width between the two dense layers."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Dropout behind the attention and behind the dense layers, in [0, 1)."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Widths that do not fit."""
        step = self.heads if self.heads % 2 == 0 else 2 * self.heads
        if self.units % step:
            yield "units", f"must be a multiple of {step}, for {self.heads} heads and pairs of sines, got {self.units}"

    def build(self) -> Stack:
        """Return a `Stack` of one layer, `(B, T, D)` -> `(B, T, units)`."""
        from kerasseq.plugin import Stack
        from kerasseq_cells.layers.attention import TransformerBlock

        block = TransformerBlock(self.units, self.heads, self.hidden, self.dropout, name=f"{self.name}_1")
        return Stack([block], 0.0)
