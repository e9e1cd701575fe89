"""Texts and what they shall become."""

# N rows, S their tokens

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import Examples
from kerasseq.corpus.text import Texts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["References", "TextPairs", "Written"]


@dataclass(frozen=True)
class TextPairs(Texts):
    """The texts of `N` rows, and where they are known their translations.

    Attributes:
        references: One translation a row; empty where they are asked for.
    """

    references: Sequence[str] = ()

    @classmethod
    def of(cls, table: pa.Table) -> TextPairs:
        """The texts of a table with `text` and maybe `target`."""
        known = "target" in table.column_names and not table["target"].null_count
        return cls(Column(table["text"]), (), Column(table["target"]) if known else ())

    def take(self, rows: Iterable[int]) -> TextPairs:
        """Those at `rows`, in that order."""
        rows = list(rows)
        references = [self.references[row] for row in rows] if self.references else ()
        return TextPairs(super().take(rows).first, (), references)

    def sources(self) -> Texts:
        """The texts alone."""
        return Texts(self.first)


@dataclass(frozen=True)
class References(Ragged):
    """Translations as ids, each with what ends it.

    Attributes:
        texts: The same as the data writes them, `N`.
    """

    texts: Sequence[str] = ()

    def take(self, rows: NDArray[np.int64]) -> References:
        """Those at `rows`, in that order."""
        some = super().take(rows)
        return References(some.flat, some.offsets, [self.texts[int(row)] for row in rows])


@dataclass(frozen=True)
class Written(Examples):
    """Rows whose inputs are what is read and what is written: `tokens`, `target` and `next`."""

    def take(self, rows: NDArray[np.int64]) -> Written:
        """Some rows, in that order."""
        some = super().take(rows)
        return replace(self, inputs=some.inputs, targets=some.targets, weights=some.weights)

    def tokens(self, rows: NDArray[np.int64]) -> int:
        """How many tokens `rows` hold: those that are read, and those that are written."""
        counted: list[Any] = [self.inputs[name] for name in ("tokens", "next")]
        return int(sum(values.lengths[rows].sum() for values in counted))
