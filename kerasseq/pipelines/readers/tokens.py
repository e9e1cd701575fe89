"""Sentences of tokens: cut from a text, or given as lists."""

# N rows

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.pipelines.readers.reader import RowReader, Rows, chunks
from kerasseq.pipelines.readers.steps import StepCounts

if TYPE_CHECKING:
    from kerasseq.spec import Sections

__all__ = ["TokenReader"]


class TokenReader(RowReader):
    """A sentence a row; of a line, the tokens that a pattern finds in it.

    Args:
        cut: The pattern, for Python's `re`; empty takes what white space divides.
    """

    takes = "tokens"
    column = "tokens"

    def __init__(self, cut: str = "") -> None:
        self.pattern = re.compile(cut or r"\S+")

    def row(self, text: str, where: str) -> list[str]:
        """Its tokens."""
        return [match[0] for match in self.pattern.finditer(text) if match[0]]

    def rows(self, found: Sequence[list[str]], start: int) -> Rows:
        """`tokens`."""
        return Rows((list(found),), {"tokens": list(found)})

    def table(self, path: Path, sections: Sections | None) -> Iterator[Rows]:
        """As the dataset reads its own files; else as `dataset.name = "tokens"` does."""
        from kerasseq.datasets.unlabelled import read_column

        for start, found in chunks(read_column("tokens", path, sections)):
            yield self.rows(found, start)

    def counts(self, rows: Rows, seen: Mapping[str, Any]) -> StepCounts:
        """Sentences and their tokens."""
        return StepCounts.of(("sentences", "tokens"), list(map(len, rows.columns[0])), seen)
