"""Sentences of tokens: cut from a text, or given as lists."""

# N rows

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.inputs.tokens import TokenRow, cut

from kerasseq.pipelines.readers.reader import RowReader, Rows, chunks
from kerasseq.pipelines.readers.steps import StepCounts

if TYPE_CHECKING:
    from kerasseq.datasets.reading import Reading
    from kerasseq.spec import Sections

__all__ = ["TokenReader"]


class TokenReader(RowReader):
    """A sentence a row; of a line, the tokens that a pattern finds in it.

    Args:
        pattern: For Python's `re`; empty takes what white space divides.
    """

    takes = "tokens"
    column = "tokens"

    def __init__(self, pattern: str = "") -> None:
        self.pattern = re.compile(pattern or r"\S+")

    def row(self, text: str, where: str) -> TokenRow:
        """Its tokens, and where they stand in it."""
        return cut(text, self.pattern)

    def rows(self, found: Sequence[list[str] | TokenRow], start: int) -> Rows:
        """`tokens`, and of texts that were cut `offsets`: first and last character of each token, `[start, end]`."""
        tokens = [list(row.tokens) if isinstance(row, TokenRow) else row for row in found]
        shown: dict[str, list[Any]] = {"tokens": tokens}
        offsets = [row.offsets or () if isinstance(row, TokenRow) else () for row in found]
        if any(isinstance(row, TokenRow) for row in found):
            shown["offsets"] = [[list(span) for span in spans] for spans in offsets]
        return Rows((tokens,), shown)

    def table(self, path: Path, sections: Sections | None, reading: Reading | None = None) -> Iterator[Rows]:
        """As the dataset reads its own files; else as `dataset.name = "tokens"` does."""
        from kerasseq.datasets.unlabelled import read_column

        for start, found in chunks(read_column("tokens", path, sections, reading)):
            yield self.rows(found, start)

    def counts(self, rows: Rows, seen: Mapping[str, Any]) -> StepCounts:
        """Sentences and their tokens."""
        return StepCounts.of(("sentence", "token"), list(map(len, rows.columns[0])), seen)
