"""Texts, and pairs of texts."""

# N rows

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.scratch import release
from kerasseq.corpus.text import Counts
from kerasseq.errors import DataError, UsageError
from kerasseq.pipelines.readers.reader import RowReader, Rows, chunks, utf8

if TYPE_CHECKING:
    from kerasseq.datasets.layout import Layout
    from kerasseq.datasets.reading import Reading
    from kerasseq.spec import DatasetSpec, Sections

__all__ = ["TextReader"]


class TextReader(RowReader):
    """A text a row; of pairs two, with a tab between them in a line.

    Args:
        pairs: Whether a row is two texts.
    """

    column = "text"

    def __init__(self, pairs: bool) -> None:
        self.pairs = pairs
        self.takes = "pair" if pairs else "text"

    def row(self, text: str, where: str) -> tuple[str, str]:
        """The text, and of a pair what stands behind the first tab."""
        if not self.pairs:
            return text, ""
        first, tab, second = text.partition("\t")
        if first and not tab:
            raise DataError(f"{where}: text_2: must stand behind a tab, got one text")
        return first, second

    def rows(self, found: Sequence[tuple[str, str]], start: int) -> Rows:
        """`text`, and of pairs `text_2`."""
        names = ("text", "text_2") if self.pairs else ("text",)
        columns = {name: [row[place] for row in found] for place, name in enumerate(names)}
        return Rows(tuple(columns.values()), columns)

    def one(self, text: str, second: str) -> Rows:
        """TEXT, and of a pair `--second`."""
        if self.pairs and not second:
            raise UsageError("--second: must be given, this run reads pairs")
        if second and not self.pairs:
            raise UsageError("--second: must not be given, this run reads single texts")
        utf8(text + second)
        return self.rows([(text, second)], 0)

    def table(self, path: Path, sections: Sections | None, reading: Reading | None = None) -> Iterator[Rows]:
        """In the columns that the dataset names, or `text` and `text_2`; an empty text is a text too."""
        from kerasseq.datasets.unlabelled import read_texts

        first, second = read_texts(sections.dataset if sections else self._plain(), path, reading)
        for start, texts in chunks(first):
            others = second[start : start + len(texts)] or [""] * len(texts)
            yield self.rows(list(zip(texts, others, strict=True)), start)
            release()

    def layout(self, path: Path, sections: Sections | None, reading: Reading | None = None) -> Layout:
        """As `table` reads it."""
        from kerasseq.datasets.unlabelled import layout_of

        return layout_of(sections.dataset if sections else self._plain(), path, reading)

    def _plain(self) -> DatasetSpec:
        """What an exported file alone says of a table's columns: `text`, and of pairs `text_2`."""
        from kerasseq.spec import DatasetSpec

        given = frozenset({"text_2"} if self.pairs else ())

        class Plain(DatasetSpec):
            @property
            def provides(self) -> frozenset[str]:
                return given

        return Plain(name="table")

    def counts(self, rows: Rows, seen: Mapping[str, Any]) -> Counts:
        """Texts and their ids."""
        tokens, truncated, unknown = (seen[name] for name in ("tokens", "truncated", "unknown"))
        numbers = (int(tokens.sum()), int((truncated > 0).sum()), int(unknown.sum()), int((tokens == 0).sum()))
        return Counts(len(tokens), *numbers)
