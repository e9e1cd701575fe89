"""Rows of tokens, given apart or cut from texts."""

# N rows

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.corpus.samples import Samples

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TokenRows"]

Offsets = list[list[int]]


@dataclass(frozen=True)
class TokenRows(Samples):
    """The tokens of `N` rows.

    Attributes:
        tokens: A list of texts a row.
        offsets: Of rows that were cut from a text, first and last character of each token, `[start, end]`; else empty.
    """

    tokens: Sequence[Sequence[str]]
    offsets: Sequence[Offsets] = ()

    @classmethod
    def of(cls, table: pa.Table) -> TokenRows:
        """Those of a table with `tokens`; they become strings where they are used."""
        return cls(Column(table["tokens"]))

    def __len__(self) -> int:
        return len(self.tokens)

    def take(self, rows: Iterable[int]) -> TokenRows:
        """Those at `rows`, in that order."""
        rows = list(rows)
        return TokenRows([self.tokens[i] for i in rows], [self.offsets[i] for i in rows] if self.offsets else ())

    def columns(self, rows: slice) -> dict[str, list[Any]]:
        """`tokens`, and `offsets` where there are any."""
        columns: dict[str, list[Any]] = {"tokens": [list(row) for row in self.tokens[rows]]}
        return columns | ({"offsets": list(self.offsets[rows])} if self.offsets else {})

    def shown(self, row: int) -> str:
        """The tokens with spaces between."""
        return " ".join(self.tokens[row])
