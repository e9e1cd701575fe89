"""Sentences of tokens: cut from a text, or given as lists."""

# N rows

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasseq.pipelines.readers.reader import RowReader, Rows, chunks
from kerasseq.pipelines.readers.steps import StepCounts

if TYPE_CHECKING:
    from kerasseq.spec import Sections

__all__ = ["TokenReader"]


class Cut(NamedTuple):
    """A text in tokens.

    Attributes:
        tokens: What the pattern found.
        offsets: First and last character of each, `[start, end]`.
    """

    tokens: list[str]
    offsets: list[list[int]]


class TokenReader(RowReader):
    """A sentence a row; of a line, the tokens that a pattern finds in it.

    Args:
        cut: The pattern, for Python's `re`; empty takes what white space divides.
    """

    takes = "tokens"
    column = "tokens"

    def __init__(self, cut: str = "") -> None:
        self.pattern = re.compile(cut or r"\S+")

    def row(self, text: str, where: str) -> Cut:
        """Its tokens, and where they stand in it."""
        found = [match for match in self.pattern.finditer(text) if match[0]]
        return Cut([match[0] for match in found], [[*match.span()] for match in found])

    def rows(self, found: Sequence[list[str] | Cut], start: int) -> Rows:
        """`tokens`, and of texts that were cut `offsets`: first and last character of each token, `[start, end]`."""
        tokens = [row.tokens if isinstance(row, Cut) else row for row in found]
        shown: dict[str, list[Any]] = {"tokens": tokens}
        if any(isinstance(row, Cut) for row in found):
            shown["offsets"] = [row.offsets if isinstance(row, Cut) else [] for row in found]
        return Rows((tokens,), shown)

    def table(self, path: Path, sections: Sections | None) -> Iterator[Rows]:
        """As the dataset reads its own files; else as `dataset.name = "tokens"` does."""
        from kerasseq.datasets.unlabelled import read_column

        for start, found in chunks(read_column("tokens", path, sections)):
            yield self.rows(found, start)

    def counts(self, rows: Rows, seen: Mapping[str, Any]) -> StepCounts:
        """Sentences and their tokens."""
        return StepCounts.of(("sentences", "tokens"), list(map(len, rows.columns[0])), seen)
