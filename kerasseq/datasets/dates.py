"""`[dataset] name = "dates"`: dates in words, English and Arabic, and how ISO 8601 writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Dates"]


class Dates(DatasetSpec):
    """Texts to translate: `the third of may nineteen eighty-five`, `في الثالث من أيار عام ألف وتسعمئة وخمسة وثمانين`,
    and both are `1985-05-03`.

    Words stand in another order than the digits, months and numbers have several names, and every number is put
    together from parts, so that a model has to find out where to look. Every row is another day of the years 1800 to
    2099: none of the test is known from training.
    """

    licence: ClassVar[str] = "CC0-1.0"
    citation: ClassVar[str] = "drawn by kerasseq"

    name: str = "dates"
    """The component."""
    language: Literal["both", "english", "arabic"] = "both"
    """In which language the dates are said."""
    rows: Annotated[int, Field(ge=50, le=50_000)] = 2000
    """Number of dates: 80 % of them to learn from, 10 % to choose the epoch, 10 % to measure."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of the draw: the same settings give the same rows."""

    @property
    def provides(self) -> frozenset[str]:
        """The given sides."""
        return frozenset({"split"})

    def build(self) -> pa.Table:
        """Draw the dates.

        Returns:
            `text` (in words), `target` (`YYYY-MM-DD`), `source`, `line`, `split`.
        """
        from kerasseq.datasets.date_words import draw_dates

        return draw_dates(self.language, self.rows, self.seed)
