"""What encoders share that stand in layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from kerasseq.plugin import EncoderSpec

if TYPE_CHECKING:
    from kerasseq.plugin import Stack

__all__ = ["Layered"]


class Layered(EncoderSpec):
    """Layers on top of each other, in one direction or two."""

    layers: Annotated[int, Field(ge=1, le=8)] = 1
    """Layers on top of each other."""
    bidirectional: bool = True
    """Read the text in both directions (Schuster & Paliwal, 1997); a step's vector is then twice as wide."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Dropout on the output of each layer, in [0, 1)."""

    @property
    def directions(self) -> int:
        """2 when bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def composes(self) -> bool:
        """True."""
        return True

    def build(self) -> Stack:
        """Return a `Stack`, `(B, T, D)` -> `(B, T, directions * width)`."""
        return self._stack("")

    def build_composition(self) -> Stack:
        """Return a second such `Stack`; the names of its layers begin with `composition_`."""
        return self._stack("composition_")

    def _stack(self, prefix: str) -> Stack:
        from kerasseq.plugin import Stack

        return Stack([self._layer(f"{prefix}{self.name}_{place + 1}") for place in range(self.layers)], self.dropout)

    def _layer(self, name: str) -> Any:
        """One layer, of both directions."""
        raise NotImplementedError
