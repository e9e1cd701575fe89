"""What every check of the data looks at, computed once."""

# N rows

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kerasseq.arrays.column import Column
from kerasseq.arrays.scratch import CHUNK, release
from kerasseq.corpus.text import PairMode, Texts
from kerasseq.datasets.spool import Spool
from kerasseq.diagnosis.repeats import numbered
from kerasseq.tokenizers.tokenizer import UNKNOWN

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.split import Split
    from kerasseq.preprocessors.rules import Preprocessor
    from kerasseq.tokenizers.tokenizer import Tokenizer

__all__ = ["NOTHING", "Already", "Facts", "prepared", "texts_of"]

PLACES = 5
"""Rows that a finding names."""


@dataclass(frozen=True)
class Already:
    """What the config does already, so that no hint asks for it.

    Attributes:
        balanced: Rare classes count as much.
        unicode: A preprocessor takes invisible characters out.
        text: The setting that groups by text: `dataset.group = "review"`; empty where no column is the text alone.
    """

    balanced: bool = False
    unicode: bool = False
    text: str = ""


NOTHING = Already()


@dataclass(frozen=True, eq=False)
class Facts:
    """A table, its sides, and its texts before and after preprocessing.

    Attributes:
        table: Standard columns.
        split: Its sides.
        raw: The texts as they are in the files; they become strings where they are used.
        clean: The texts as the tokenizer sees them, on disk where they are many.
        lengths: `(N,)` tokens of each row before truncation: of a joined pair both and the separator, of a pair that
            is read apart the longer one.
        tokens: `(N,)` all tokens of each row.
        unknown: `(N,)` those outside the vocabulary.
        max_length: Most ids that a row, or one text of a pair read apart, keeps.
        already: What the config does.
    """

    table: pa.Table
    split: Split
    raw: Texts
    clean: Texts
    lengths: NDArray[np.int32]
    tokens: NDArray[np.int32]
    unknown: NDArray[np.int32]
    max_length: int
    already: Already = NOTHING

    @classmethod
    def of(
        cls,
        table: pa.Table,
        split: Split,
        preprocess: Preprocessor,
        tokenizer: Tokenizer,
        pair: PairMode,
        already: Already = NOTHING,
    ) -> Facts:
        """Preprocess and tokenize every row; an untrained tokenizer is trained on the training side."""
        raw = texts_of(table, "text", "text_2")
        clean = prepared(raw, preprocess, preprocess)
        if not tokenizer.vocabulary:
            tokenizer.train(_learned(clean, split.train))
        lengths, unknown = _counts(tokenizer, clean.first)
        tokens = lengths
        if clean.second:
            lengths_2, unknown_2 = _counts(tokenizer, clean.second)
            tokens, unknown = lengths + lengths_2, unknown + unknown_2
            lengths = tokens + 1 if pair == "join" else lengths.clip(min=lengths_2)
        return cls(table, split, raw, clean, lengths, tokens, unknown, tokenizer.max_length, already)

    @cached_property
    def same(self) -> NDArray[np.int64]:
        """`(N,)` the number of each row's text as the tokenizer sees it; see `numbered`."""
        return numbered(self.clean)

    def place(self, row: int) -> str:
        """`data.csv:7` of a row."""
        return f"{self.table.column('source')[row].as_py()}:{self.table.column('line')[row].as_py()}"

    def places(self, rows: Sequence[int] | NDArray[np.int64], column: str = "text") -> list[str]:
        """The first few rows as `data.csv:7: text`, and how many more there are."""
        shown = [f"{self.place(int(row))}: {column}" for row in rows[:PLACES]]
        return shown + ([f"and {len(rows) - PLACES:,} more"] if len(rows) > PLACES else [])


def texts_of(table: pa.Table, first: str, second: str) -> Texts:
    """The texts of two columns, of which the second may be absent, as they are in the files.

    A text may be null or empty in a table of a plugin; here it is a finding, not a crash.
    """
    import pyarrow as pa

    columns = [table[name].cast(pa.string()) for name in (first, second) if name in table.column_names]
    whole = [column.fill_null("") if column.null_count else column for column in columns]
    return Texts(*map(Column, whole))


def prepared(raw: Texts, *prepare: Callable[[Sequence[str]], Sequence[str]]) -> Texts:
    """What preprocessors make of the first texts and of the second ones; in memory or on disk, by their size.

    Raises:
        RunError: There is no room on disk.
    """
    import pyarrow as pa

    names = ("text", "text_2") if raw.second else ("text",)
    spool = Spool(pa.schema([(name, pa.string()) for name in names]))
    for part in raw.parts():
        made = (change(texts) for change, texts in zip(prepare, (part.first, part.second), strict=True))
        spool.add(pa.table(dict(zip(names, made, strict=False)), schema=spool.schema))
    return Texts.of(spool.table())


def _learned(texts: Texts, rows: NDArray[np.int64]) -> Iterator[str]:
    """The first texts at `rows`, which ascend, and then the second ones, some in memory at a time."""
    import numpy as np

    chosen = np.zeros(len(texts), dtype=bool)
    chosen[rows] = True
    for column in (texts.first, texts.second):
        for start in range(0, len(column), CHUNK):
            yield from itertools.compress(column[start : start + CHUNK], chosen[start : start + CHUNK])


def _counts(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    import numpy as np

    lengths, unknown = np.zeros(len(texts), np.int32), np.zeros(len(texts), np.int32)
    for start in range(0, len(texts), CHUNK):
        for i, row in enumerate(tokenizer.sequences(texts[start : start + CHUNK]), start):
            lengths[i] = len(row)
            unknown[i] = sum(1 for token in row if token == UNKNOWN)
        release()
    return lengths, unknown
