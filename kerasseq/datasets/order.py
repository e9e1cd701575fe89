"""`[dataset] name = "order"`: sentences whose class lies in the order of their words alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Order"]


class Order(DatasetSpec):
    """Short opinions in pairs: the same words, another order, the other class.

    "not a good film but a bad film" and "not a bad film but a good film" have the same bag of words, and the same bag
    of neighbouring pairs too, for both adjectives stand between the same two words. A model that counts words or pairs
    is right in one of two; what is needed is which adjective belongs to which half. Both of a pair stand on one side,
    and no sentence of the test is one of training: its adjectives are known, but not together with its noun.
    """

    licence: ClassVar[str] = "CC0-1.0"
    citation: ClassVar[str] = "written for kerasseq"

    name: str = "order"
    """The component."""
    language: Literal["both", "english", "arabic"] = "both"
    """In which language the sentences are."""
    rows: Annotated[int, Field(ge=40, le=3000, multiple_of=2)] = 1600
    """Number of sentences, an even one: 80 % of them to learn from, 10 % to choose the epoch, 10 % to measure."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of the draw: the same settings give the same rows."""

    @property
    def provides(self) -> frozenset[str]:
        """The given sides."""
        return frozenset({"split"})

    def build(self) -> pa.Table:
        """Draw the sentences.

        Returns:
            `text`, `target` (`positive` or `negative`), `source`, `line`, `split`.
        """
        from kerasseq.datasets.order_sentences import draw_order

        metadata = {"target": "target", "licence": self.licence, "citation": self.citation}
        return draw_order(self.language, self.rows, self.seed).replace_schema_metadata(metadata)
