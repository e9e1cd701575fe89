"""Documents as passages: rows short enough to be counted, drawn and shown, which together are the documents."""

# N passages

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.arrays.column import Column
from kerasseq.corpus.text import Texts

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["BEGINS", "PASSAGE", "Passages", "cut", "passage_table"]

BEGINS = "begins"
"""The column of a table that says which rows begin a document."""

PASSAGE = 1000
"""Characters of a passage, at the most, where a line or a sentence ends early enough."""

SHORTEST, FEW = 40, 10
"""Characters of a passage, where a text is so short that a side would have fewer than so many passages of it."""

ENDS = ("\n\n", "\n", ". ", "؟ ", "! ", "? ", " ")
"""Where a passage may end, the best first."""


@dataclass(frozen=True)
class Passages(Texts):
    """`N` passages.

    Attributes:
        begins: `(N,)` bool: whether a passage begins a document; where it does not, it goes on behind the row before
            it. Empty where every one does.
        conditions: The class that writes each; empty where none does.
    """

    begins: Sequence[bool] | NDArray[np.bool_] = ()
    conditions: Sequence[str] = ()

    @classmethod
    def of(cls, table: pa.Table, conditioned: bool = False) -> Passages:
        """Those of a table with `text`, maybe `begins`, and where they are `conditioned` a class as `target`."""
        begins = table[BEGINS].to_numpy() if BEGINS in table.column_names else ()
        classes = [str(value) for value in table["target"].to_pylist()] if conditioned else ()
        return cls(Column(table["text"]), (), begins, classes)

    def take(self, rows: Iterable[int]) -> Passages:
        """Those at `rows`, each as a document."""
        rows = list(rows)
        classes = [self.conditions[row] for row in rows] if self.conditions else ()
        return Passages(super().take(rows).first, (), (), classes)

    def last(self) -> NDArray[np.bool_]:
        """Whether a passage ends its document, `(N,)`."""
        import numpy as np

        if not len(self.begins):
            return np.ones(len(self), dtype=bool)
        return np.append(np.asarray(self.begins, dtype=bool)[1:], True)


def cut(text: str, longest: int = PASSAGE) -> Iterator[str]:
    """A text in passages of at most `longest` characters, which together are the text.

    >>> list(cut("one. two. three", longest=6))
    ['one. ', 'two. ', 'three']
    """
    start = 0
    while len(text) - start > longest:
        stop = start + longest
        for end in ENDS:
            found = text.rfind(end, start + longest // 2, stop)
            if found >= 0:
                stop = found + len(end)
                break
        yield text[start:stop]
        start = stop
    yield text[start:]


def passage_table(table: pa.Table, validation: float, test: float) -> pa.Table:
    """Documents that run on as passages, with the columns `begins` and `split`.

    Where the rows say no side, the first part of all characters trains, the next validates, the last tests: what a
    language model is measured on comes behind what it has read. A document that is cut by a border begins anew there.

    Args:
        table: Documents, a row each.
        validation: Share of the characters, in [0, 1).
        test: Likewise.
    """
    import numpy as np
    import pyarrow as pa

    rows, texts, begins, lines = [], [], [], []
    first, documents = table["line"].to_pylist(), [text or "" for text in table["text"].to_pylist()]
    shares = [share for share in (validation, test) if share and "split" not in table.column_names]
    longest = min([PASSAGE, *(int(share * sum(map(len, documents)) / FEW) for share in shares)])
    for row, text in enumerate(documents):
        line = first[row]
        for number, part in enumerate(cut(text, max(longest, SHORTEST))):
            rows.append(row)
            texts.append(part)
            begins.append(number == 0)
            lines.append(line)
            line += part.count("\n")
    names = [name for name in table.column_names if name != "text"]  # of each passage, not all of its document
    columns = {name: table[name].take(pa.array(rows, pa.int64())) for name in names}
    columns |= {"text": pa.array(texts, pa.string()), "line": pa.array(lines, pa.int64())}
    if "split" not in columns:
        ends = np.cumsum([len(text) for text in texts])
        share = (ends - np.diff(ends, prepend=0) / 2) / max(int(ends[-1]) if len(ends) else 1, 1)
        sides = np.where(share >= 1 - test, "test", np.where(share >= 1 - test - validation, "validation", "train"))
        columns["split"] = pa.array(sides.tolist(), pa.string())
    sides = np.array(columns["split"].to_pylist(), dtype=object)
    begins_at = np.array(begins, dtype=bool) | (sides != np.append([""], sides[:-1]))
    columns[BEGINS] = pa.array(begins_at)
    return pa.table(columns, metadata=table.schema.metadata)
