"""What every check of the data looks at, computed once."""

# N rows

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.corpus.text import PairMode, Texts
from kerasseq.tokenizers.tokenizer import UNKNOWN

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.split import Split
    from kerasseq.preprocessors.rules import Preprocessor
    from kerasseq.tokenizers.tokenizer import Tokenizer

__all__ = ["NOTHING", "Already", "Facts"]

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
        raw: The texts as they are in the files.
        clean: The texts as the tokenizer sees them.
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
    lengths: NDArray[np.int64]
    tokens: NDArray[np.int64]
    unknown: NDArray[np.int64]
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
        raw = Texts.of(table)
        # A text may be null or empty in a table of a plugin; here it is a finding, not a crash
        raw = Texts([t or "" for t in raw.first], [t or "" for t in raw.second])
        clean = Texts(preprocess(raw.first), preprocess(raw.second) if raw.second else ())
        if not tokenizer.vocabulary:
            tokenizer.train([column[i] for column in (clean.first, clean.second) if column for i in split.train])
        lengths, unknown = _counts(tokenizer, clean.first)
        tokens = lengths
        if clean.second:
            lengths_2, unknown_2 = _counts(tokenizer, clean.second)
            tokens, unknown = lengths + lengths_2, unknown + unknown_2
            lengths = tokens + 1 if pair == "join" else lengths.clip(min=lengths_2)
        return cls(table, split, raw, clean, lengths, tokens, unknown, tokenizer.max_length, already)

    def place(self, row: int) -> str:
        """`data.csv:7` of a row."""
        return f"{self.table.column('source')[row].as_py()}:{self.table.column('line')[row].as_py()}"

    def places(self, rows: Iterable[int], column: str = "text") -> list[str]:
        """The first few rows as `data.csv:7: text`, and how many more there are."""
        listed = [int(row) for row in rows]
        shown = [f"{self.place(row)}: {column}" for row in listed[:PLACES]]
        return shown + ([f"and {len(listed) - PLACES:,} more"] if len(listed) > PLACES else [])


def _counts(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    import numpy as np

    lengths, unknown = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
    for i, row in enumerate(tokenizer.sequences(texts)):
        lengths[i] = len(row)
        unknown[i] = sum(1 for token in row if token == UNKNOWN)
    return lengths, unknown
