"""`[dataset] name = "curves"`: movements of a pen that are drawn, told apart by the order of their points alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Curves"]


class Curves(DatasetSpec):
    """A pen goes round once, and comes back to where it began: which way?

    Four classes: a circle with or against the clock, and an eight whose upper half comes first with or against the
    clock. Size, place, start, tempo and length differ from row to row, and the hand shakes. Mean, deviation and ends of
    a row hardly tell the class, for both directions pass the same points.
    """

    row_kind: ClassVar[str] = "vectors"

    name: str = "curves"
    """The component."""
    rows: Annotated[int, Field(ge=40, le=1_000_000)] = 800
    """Number of rows: 80 % of them to learn from, 10 % to choose the epoch, 10 % to measure."""
    length: Annotated[int, Field(ge=8, le=1000)] = 40
    """Most points of a row; the shortest has half of them."""
    noise: Annotated[float, Field(ge=0, le=1)] = 0.05
    """How much the hand shakes, in radii."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of the draw: the same settings give the same rows."""

    @property
    def provides(self) -> frozenset[str]:
        """The given sides."""
        return frozenset({"split"})

    def build(self) -> pa.Table:
        """Draw the rows.

        Returns:
            `vectors` (lists of x and y), `target` (`circle left`, `circle right`, `eight left`, `eight right`),
            `source`, `line`, `split`.
        """
        from kerasseq.datasets.drawn_curves import draw_curves

        return draw_curves(self.rows, self.length, self.noise, self.seed)
